"""Owns the words of lengths of time and moments in the past."""

TEXTS = {
    "time.seconds": ("{seconds} 秒", "{seconds} s"),
    "time.minutes": ("{minutes} 分 {seconds} 秒", "{minutes} min {seconds} s"),
    "time.hours": ("{hours} 時間 {minutes} 分", "{hours} h {minutes} min"),
    "time.now": ("たった今", "just now"),
    "time.ago.seconds": ("{count} 秒前", "{count} s ago"),
    "time.ago.minutes": ("{count} 分前", "{count} min ago"),
    "time.ago.hours": ("{count} 時間前", "{count} h ago"),
    "time.ago.days": ("{count} 日前", "{count} d ago"),
}
