// A Monte Carlo simulation as a backend is likely to have it: plain arrays, Math.random, textbook
// samplers, Array.sort.

import { answer, CURVE_POINTS, PERCENTS } from "./answering";
import type { Answer, Beta, Compound, Lognormal, Product } from "./answering";

/** Box and Muller. */
function sampleNormal(): number {
  const u = 1 - Math.random();
  const v = Math.random();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}

/** Marsaglia and Tsang, for shapes of 1 and more. */
function sampleGamma(shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  while (true) {
    const x = sampleNormal();
    const t = 1 + c * x;
    if (t <= 0) continue;
    const v = t * t * t;
    const u = Math.random();
    if (u < 1 - 0.0331 * x * x * x * x) return d * v;
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

function samplePert(pert: Beta): number {
  const x = sampleGamma(pert.alpha);
  const y = sampleGamma(pert.beta);
  return pert.low + (pert.high - pert.low) * (x / (x + y));
}

function sampleLognormal(loss: Lognormal): number {
  return Math.exp(loss.mu + loss.sigma * sampleNormal());
}

/** Knuth. */
function samplePoisson(rate: number): number {
  const limit = Math.exp(-rate);
  let count = 0;
  let product = Math.random();
  while (product > limit) {
    count++;
    product *= Math.random();
  }
  return count;
}

function simulateProduct(model: Product, trials: number): Answer {
  let successes = 0;
  for (let i = 0; i < trials; i++) {
    if (samplePert(model.threatCapability) > samplePert(model.resistanceStrength)) successes++;
  }
  const vulnerability = successes / trials;

  const losses: number[] = [];
  for (let i = 0; i < trials; i++) {
    const threats = samplePert(model.contactFrequency) * samplePert(model.probabilityOfAction);
    const secondary = samplePert(model.secondaryFrequency) * samplePert(model.secondaryMagnitude);
    losses.push(threats * vulnerability * (samplePert(model.primaryLoss) + secondary));
  }
  return summarise(losses);
}

function simulateCompound(model: Compound, trials: number): Answer {
  const losses: number[] = [];
  for (let i = 0; i < trials; i++) {
    const events = samplePoisson(samplePert(model.eventsPerYear));
    let loss = 0;
    for (let event = 0; event < events; event++) {
      loss += sampleLognormal(model.primaryLoss);
      if (Math.random() < model.secondaryProbability) loss += sampleLognormal(model.secondaryLoss);
    }
    losses.push(loss);
  }
  return summarise(losses);
}

function summarise(losses: number[]): Answer {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  const sorted = [...losses].sort((a, b) => a - b);
  const quantile = (p: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
  return {
    mean,
    deviation: Math.sqrt(squares / (losses.length - 1)),
    percentiles: PERCENTS.map((percent) => quantile(percent / 100)),
    curve: Array.from({ length: CURVE_POINTS }, (_, i) => ({
      loss: quantile(i / CURVE_POINTS),
      probability: 1 - i / CURVE_POINTS,
    })),
  };
}

void answer({ product: simulateProduct, compound: simulateCompound });
