// What both TypeScript peers share, outside the clock: the models, and a loop that answers requests.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A PERT as the beta distribution that it is. */
export interface Beta {
  low: number;
  high: number;
  alpha: number;
  beta: number;
}

export interface Lognormal {
  mu: number;
  sigma: number;
}

export interface Product {
  contactFrequency: Beta;
  probabilityOfAction: Beta;
  threatCapability: Beta;
  resistanceStrength: Beta;
  primaryLoss: Beta;
  secondaryFrequency: Beta;
  secondaryMagnitude: Beta;
}

export interface Compound {
  eventsPerYear: Beta;
  primaryLoss: Lognormal;
  secondaryProbability: number;
  secondaryLoss: Lognormal;
}

export interface Answer {
  mean: number;
  deviation: number;
  /** In the order of `PERCENTS`. */
  percentiles: number[];
  curve: { loss: number; probability: number }[];
}

export const PERCENTS = [5, 50, 90, 95, 99];
export const CURVE_POINTS = 100;

interface Request {
  work: "product" | "compound";
  trials: number;
  seed: number;
}

/** Answer one request a line: simulate, and say what it took. */
export async function answer(simulate: {
  product: (model: Product, trials: number, seed: number) => Answer;
  compound: (model: Compound, trials: number, seed: number) => Answer;
}): Promise<void> {
  const models = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
  for await (const line of createInterface({ input: process.stdin })) {
    const { work, trials, seed }: Request = JSON.parse(line);
    const began = performance.now();
    const before = process.cpuUsage();
    const given = simulate[work](models[work], trials, seed);
    const used = process.cpuUsage(before);
    const wallMs = performance.now() - began;
    console.log(
      JSON.stringify({ cpu_ms: (used.user + used.system) / 1e3, wall_ms: wallMs, ...given }),
    );
  }
}
