// The other way round: which counts give a metric this value, where some of them are locked.
import { countOf, OUTCOMES } from "./counting.js";

const GROWTH = 100; // at most so many times all images: a share of 0 or 1 may need more than there can be

// `metric`: which counts its numerator and its denominator hold; `locked`: the outcomes that stay. Gives counts that
// come as near to `target` as whole images can, or null where all that it depends on is locked.
//
// Where both the numerator and the rest of the denominator have a free count, as many images leave the one as come to the
// other, so their number stays; else the one that is free grows or shrinks.
export function reachedCounts(metric, target, counts, locked) {
  const inside = Object.keys(metric.above);
  const rest = Object.keys(metric.below).filter((outcome) => !inside.includes(outcome));
  const weight = metric.above[inside[0]]; // of all in the numerator alike; the rest counts once
  const [freeInside, freeRest] = [inside, rest].map((outcomes) => outcomes.filter((each) => !locked.includes(each)));
  const add = (outcomes) => countOf(outcomes, counts);
  const most = GROWTH * add(OUTCOMES);
  const [movable, other] = [add(freeInside), add(freeRest)];
  const [fixedInside, fixedRest] = [weight * (add(inside) - movable), add(rest) - other];
  if (freeInside.length && freeRest.length) {
    const pool = movable + other;
    const images = (target * (fixedInside + fixedRest + pool) - fixedInside) / (weight - target * (weight - 1));
    const moved = within(images, pool);
    return { ...counts, ...shared(freeInside, moved, counts), ...shared(freeRest, pool - moved, counts) };
  }
  if (freeInside.length) {
    const images = target < 1 ? ((target * fixedRest) / (1 - target) - fixedInside) / weight : fixedRest ? most : movable;
    return { ...counts, ...shared(freeInside, within(images, most), counts) };
  }
  if (freeRest.length) {
    const images = target > 0 ? (fixedInside * (1 - target)) / target - fixedRest : fixedInside ? most : other;
    return { ...counts, ...shared(freeRest, within(images, most), counts) };
  }
  return null;
}

const within = (images, most) => Math.min(Math.max(Math.round(images), 0), most);

// So many images for these outcomes together, in the proportion that they have.
function shared(outcomes, images, counts) {
  const before = countOf(outcomes, counts);
  const found = {};
  let left = images;
  outcomes.forEach((outcome, place) => {
    const part = before ? (images * counts[outcome]) / before : images / outcomes.length;
    found[outcome] = place === outcomes.length - 1 ? left : Math.min(Math.round(part), left);
    left -= found[outcome];
  });
  return found;
}
