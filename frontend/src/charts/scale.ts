/** An axis with round steps. The steps are coarse, so that the same tile has the same axis minutes later. */

const STEPS = [1, 2, 2.5, 5, 10];

export interface Extent {
  low: number;
  high: number;
  step: number;
}

export function roundExtent(low: number, high: number, parts = 4): Extent {
  const spread = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / parts));
  const step = power * (STEPS.find((each) => each * power * parts >= spread * 0.999) ?? 10);
  const round = (value: number, way: (value: number) => number) => {
    // 0.1 + 0.2: what is a step but for the last digit of a double is that step.
    const count = value / step;
    const whole = Math.abs(count - Math.round(count)) < 1e-9 ? Math.round(count) : way(count);
    return Number((whole * step).toPrecision(12));
  };
  const [from, to] = [round(low, Math.floor), round(high, Math.ceil)];
  return from === to ? { low: from, high: from + step, step } : { low: from, high: to, step };
}
