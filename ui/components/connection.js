// The server that a page comes back to may be another one, which knows nothing of the page. So the page asks to be
// drawn again by itself, rather than with the reader's next click: a download, for one, is not there until then.
const watched = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  let watch = watched.get(parentElement);
  if (!watch) {
    const app = document.querySelector('[data-testid="stApp"]');
    watch = { lost: false };
    watch.observer = new MutationObserver(() => {
      const connected = app.dataset.testConnectionState === "CONNECTED";
      if (connected && watch.lost) watch.component.setTriggerValue("back", "yes");
      watch.lost = !connected;
    });
    if (app) watch.observer.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
    watched.set(parentElement, watch);
  }
  watch.component = component;
  return () => {
    watched.delete(parentElement);
    watch.observer.disconnect();
  };
}
