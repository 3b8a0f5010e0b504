// Generated from clients/contract and queues/submit.lua by `npm run generate`.

/** How the annual loss compares with what the organisation is ready to lose. */
export interface AppetiteVerdict {
  /** The appetite. */
  annualLoss: number;
  /** That a year costs more than the appetite. */
  probabilityOfExceeding: Estimate;
}

/** A file that belongs to a result: where it lies, and how to check it. */
export interface Artifact {
  /** Where to read it: `file://` or `s3://`. */
  uri: string;
  /** Of the content. */
  sha256: string;
  /** Of the content. */
  sizeBytes: number;
  /** What the content is: `image/png`. */
  mediaType: string;
}

/** A value known for sure. */
export interface Constant {
  distribution: "constant";
  /** The only one. */
  value: number;
}

/** What to do, in the order of the fields, before echoing `message`. */
export interface EchoRequest {
  /**
   * Given back in the result.
   * @default ""
   */
  message?: string;
  /**
   * Sleep this long, reporting progress.
   * @default 0
   */
  sleepSeconds?: number;
  /**
   * Compute this long in compiled code that hears no signal and reports no progress.
   * @default 0
   */
  spinSeconds?: number;
  /**
   * Allocate and touch this much memory.
   * @default 0
   */
  allocateMebibytes?: number;
  /** Fail in this way instead of echoing. */
  fail?: Failure | null;
}

/** What came, and what was done. */
export interface EchoResult {
  /** As it came. */
  message: string;
  /** Memory that was touched. */
  allocatedBytes: number;
}

/** A value with its 95% interval; a limit is null where the trials are too few for one. */
export interface Estimate {
  /** The best estimate. */
  value: number;
  /** Lower limit of the interval. */
  lower: number | null;
  /** Upper limit of the interval. */
  upper: number | null;
}

/** The probability that a year costs `loss` or more, with its 95% band. */
export interface ExceedancePoint {
  /** In a year. */
  loss: number;
  /** The best estimate. */
  probability: number;
  /** Lower limit of the probability. */
  lower: number;
  /** Upper limit of the probability. */
  upper: number;
}

/** How `fleet.echo` may fail on request; one for each thing a caller can do about it. */
export type Failure = "changeRequest" | "wait" | "callUs";

/** A 90% interval, for what has no largest value: 5% lies below `low`, 5% above `high`. */
export interface Lognormal {
  distribution: "lognormal";
  /** More than 0. */
  low: number;
  /** More than `low`. */
  high: number;
}

/** The annual loss that `percent` per cent of years do not exceed, with its 95% interval. */
export interface Percentile {
  /** Of years, as asked for. */
  percent: number;
  /** The loss. */
  value: number;
  /** Null where the trials are too few for a lower limit. */
  lower: number | null;
  /** Null where the trials are too few for an upper limit. */
  upper: number | null;
}

/** A smallest, a most likely and a largest value; Vose's PERT. */
export interface Pert {
  distribution: "pert";
  /** The smallest value. */
  low: number;
  /** The most likely value, from `low` to `high`. */
  mode: number;
  /** More than `low`. */
  high: number;
  /**
   * How strongly the mode is believed: 4 is the classic PERT, 0 is uniform.
   * @default 4
   */
  gamma?: number;
}

/** What the numbers depend on, beside the request. */
export interface Provenance {
  /** Whose computation it is. */
  engine: string;
  /** Changes whenever the numbers of a request do. */
  engineVersion: string;
  /** Of the library that drew the random numbers. */
  numpyVersion: string;
  /** As in the request. */
  seed: number;
  /** As in the request. */
  trials: number;
  /** Trials that share a random stream. */
  blockTrials: number;
}

/** What the organisation is ready to lose. */
export interface RiskAppetite {
  /** In a year, in the request's currency. */
  annualLoss: number;
}

/** How often a loss event comes, and what each one costs. */
export interface Scenario {
  /** Loss events a year; each simulated year draws its own rate, and a Poisson count from it. */
  lossEventFrequencyPerYear: Constant | Pert | Lognormal;
  /** The cost of one loss event, in the request's currency. */
  primaryLoss: Constant | Pert | Lognormal;
  secondaryLoss?: SecondaryLoss | null;
}

/** What others (customers, regulators) add to some of the loss events. */
export interface SecondaryLoss {
  /** That a loss event has a secondary loss. */
  probability: number;
  /** The cost of one, in the request's currency. */
  loss: Constant | Pert | Lognormal;
}

/** A scenario, and how closely to look at it. */
export interface SimulateScenarioRequest {
  /** What the scenario is called, on one line; the title of the picture. */
  name: string;
  /** ISO 4217, of every amount in the request and the result. */
  currency: string;
  scenario: Scenario;
  appetite?: RiskAppetite | null;
  /**
   * Simulated years.
   * @default 1000000
   */
  trials?: number;
  /**
   * The same request gives the same numbers; another seed gives others as good.
   * @default 0
   */
  seed?: number;
  /**
   * In per cent of years: 95 asks for the loss that one year in twenty exceeds.
   * @default [5,50,90,95,99]
   */
  percentiles?: readonly number[];
  /**
   * The most points the exceedance curve may have.
   * @default 120
   */
  curvePoints?: number;
}

/** The annual loss, every amount in `currency`. */
export interface SimulateScenarioResult {
  /** As in the request. */
  name: string;
  /** As in the request. */
  currency: string;
  mean: Estimate;
  /** Null for a single trial. */
  standardDeviation: number | null;
  /** Of the cheapest simulated year. */
  smallest: number;
  /** Of the dearest simulated year. */
  largest: number;
  /** In the order of the request. */
  percentiles: readonly Percentile[];
  /** That a year costs anything. */
  probabilityOfLoss: Estimate;
  appetite: AppetiteVerdict | null;
  /** Ascending by loss; empty when no year had one. */
  exceedanceCurve: readonly ExceedancePoint[];
  /** Of every interval. */
  confidence: number;
  /** How far a percentile may lie from its exact order statistic; the limits allow for it. */
  relativeResolution: number;
  provenance: Provenance;
  /** PNG of the exceedance curve; null when no year had a loss. */
  picture: Artifact | null;
}
