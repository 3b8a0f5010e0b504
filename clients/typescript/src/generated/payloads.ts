// Generated from clients/contract and queues/submit.lua by `npm run generate`.

/** Move threat capability or resistance strength on the scale of the two. */
export interface AddOrSubtract {
  /** Which way. */
  operation: "add" | "subtract";
  /** How far. */
  amount: Distribution;
}

/** Series of equal length, and what to find out about them. */
export interface AnalyseCorrelationRequest {
  /** Title of the picture. */
  name: string;
  /** What may move together. */
  series: readonly ObservedSeries[];
  /** One a row, ascending. */
  dates?: readonly string[] | null;
  /**
   * `dropRows` leaves out every row that misses a value; `pairwise` uses what each pair shares,
   * and its matrices may contradict themselves.
   * @default "refuse"
   */
  missing?: "refuse" | "dropRows" | "pairwise";
  /**
   * The first one orders the pairs and clusters the series.
   * @default ["pearson","spearman","kendall"]
   */
  measures?: readonly ("pearson" | "spearman" | "kendall")[];
  /**
   * Replace a matrix that is not positive semi-definite by the nearest that is.
   * @default false
   */
  repair?: boolean;
  /**
   * How far apart two clusters are: by the mean, the nearest or the farthest of their series.
   * @default "average"
   */
  linkage?: "average" | "single" | "complete";
  /**
   * The correlation from which series belong to one group.
   * @default 0.5
   */
  togetherAt?: number;
  /** Null follows no pair. */
  rolling?: CorrelationWindows | null;
  /** Null looks at no tails. */
  tail?: TailQuestion | null;
  /**
   * The most pairs to describe one by one.
   * @default 500
   */
  pairLimit?: number;
  /**
   * Of the first measure as a heat map. None is the quickest answer.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
}

/** How the series have moved together. */
export interface AnalyseCorrelationResult {
  /** As in the request. */
  name: string;
  /** Their names, in the order of every matrix. */
  series: readonly string[];
  /** That were used. */
  rows: number;
  /** That some series misses and that were left out. */
  droppedRows: number;
  /** One a measure, as asked for. */
  correlations: readonly CorrelationMatrix[];
  /** The strongest by the first measure, at most `pairLimit` of them. */
  pairs: readonly CorrelatedPair[];
  /** All there are: what p-values were adjusted for. */
  pairsMeasured: number;
  /** Null when values are missing: it takes complete rows. */
  shrunk: ShrunkMatrix | null;
  /** One a pair asked for. */
  rolling: readonly RollingCorrelation[];
  clusters: SeriesClusters;
  /** Of every interval. */
  confidence: number;
  provenance: Provenance;
  /** The heat map of the first measure, ordered by cluster, in each format asked for. */
  pictures: readonly Artifact[];
}

/** The distribution of an amount a year, in the request's currency. */
export interface AnnualLoss {
  /** The expected annual loss. */
  mean: Estimate;
  /** Null where there is none, or for a single trial. */
  standardDeviation: number | null;
  /** That a year costs anything. */
  probabilityOfLoss: Estimate;
  /** In the order of the request. */
  percentiles: readonly Percentile[];
  /** In the order of the request. */
  tailRisk: readonly TailRisk[];
  /** Ascending by loss; empty when no year has one. */
  exceedanceCurve: readonly ExceedancePoint[];
}

/** What the numbers depend on. */
export interface AnnualLossProvenance {
  /** Of the request as canonical JSON (RFC 8785), defaults written out. */
  requestSha256: string;
  /** Whose computation it is: `prism.drivers`. */
  engine: string;
  /** Changes whenever the numbers of a request do. */
  engineVersion: string;
  /** Of the library of arrays. */
  numpyVersion: string;
  /** Of the library of special functions, searches and Fourier transforms. */
  scipyVersion: string;
  /** As in the request; null where nothing is drawn. */
  seed: number | null;
  /** Simulated years; null for an analytic answer. */
  trials: number | null;
  /** Simulated years that share a random stream; null for an analytic answer. */
  blockTrials: number | null;
  /** Of the tables the random variates were looked up in, the same for all shards. */
  tablesSha256: string | null;
}

/** The annual loss, every amount in `currency`. */
export interface AnnualLossResult {
  /** As in the request. */
  name: string;
  /** As in the request. */
  currency: string;
  /** Before insurance. */
  gross: AnnualLoss;
  /** What the insurance pays; null without one. */
  ceded: AnnualLoss | null;
  /** What is left; null without an insurance: then it is the gross loss. */
  net: AnnualLoss | null;
  /** The largest single loss event of a year, before insurance; null unless asked for. */
  largestEvent: AnnualLoss | null;
  /**
   * What lower and upper limits are: a 95% confidence interval of a simulation, or how far the
   * grid of the analytic answer can have moved it.
   */
  limits: "confidence95" | "discretisation";
  /** Of the net loss; null without an appetite. */
  appetite: AppetiteVerdict | null;
  /** Empty unless contributions are asked for. */
  byScenario: readonly Contribution[];
  /** By form of loss, primary and secondary; empty unless contributions are asked for. */
  byForm: readonly Contribution[];
  engine: EngineReport;
  /** Null unless a precision is asked for, or where the answer is analytic. */
  convergence: Convergence | null;
  provenance: AnnualLossProvenance;
  /** Of the exceedance curves; none when no year has a loss. */
  pictures: readonly Artifact[];
}

/** How the annual loss compares with what the organisation is ready to lose. */
export interface AppetiteVerdict {
  /** The appetite, where it is an amount. */
  annualLoss: number | null;
  /** That a year costs more than that. */
  probabilityOfExceeding: Estimate | null;
  /** The points of the risk appetite curve. */
  curve: readonly ToleratedLossVerdict[];
  /** Points of the curve that are breached. */
  breaches: number;
}

/**
 * The same dependence between every pair. `clayton`: good years come together. `gumbel`: bad
 * years do. `frank`: neither in the extremes.
 */
export interface ArchimedeanCopula {
  /** Which one. */
  copula: "clayton" | "gumbel" | "frank";
  /** The copula's parameter; below 0 for `frank` and two scenarios only. */
  theta: number;
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

/** What the pictures show, one item a tested period. */
export interface BacktestSeries {
  /** Null where the request has none. */
  dates: readonly string[] | null;
  /** As in the request. */
  returns: readonly number[];
  /** Positive is a loss; a breach is a loss of more. */
  valueAtRisk: readonly number[];
  /** Null where none was given; an item is null where the fitted tail has no mean. */
  expectedShortfall: readonly (number | null)[] | null;
  /** Whether the period lost more than its VaR. */
  breached: readonly boolean[];
}

/** The Basel Committee's zone, by the latest forecasts. */
export interface BacktestTrafficLight {
  /** Green, yellow or red. */
  zone: "green" | "yellow" | "red";
  /** That were looked at. */
  periods: number;
  /** Among them. */
  breaches: number;
  /** Of so many breaches or fewer, if the forecasts are right. */
  cumulativeProbability: number;
  /** What the breaches add to the capital multiplier. */
  plusFactor: number;
  /** Of the capital, the plus factor included. */
  multiplier: number;
  /** The fewest breaches of the yellow zone. */
  yellowFrom: number;
  /** The fewest breaches of the red zone. */
  redFrom: number;
  /** Whether it is the Committee's own table, of 250 periods at 99%, or our extension of it. */
  asPrinted: boolean;
}

/** What was returned, and what had been, or is to be, forecast. */
export interface BacktestValueAtRiskRequest {
  /** What is tested, on one line; the title of the pictures. */
  name: string;
  /** Or profits, one a period in order of time; a negative number is a loss, null is missing. */
  returns: readonly (number | null)[];
  /** One a period, ascending. */
  dates?: readonly string[] | null;
  /** Of the VaR, in per cent. */
  level: number;
  /** Forecasts made elsewhere, or how to make them here. */
  forecasts: GivenForecasts | RollingWindow;
  /**
   * How many of the latest forecasts the traffic light looks at; all where there are fewer.
   * @default 250
   */
  trafficLightPeriods?: number;
  /**
   * Whose multipliers: `basel1996` adds to 3, `mar32` of 2019 to 1.5.
   * @default "basel1996"
   */
  rules?: "basel1996" | "mar32";
  /**
   * What to do with a period that misses its return or forecast.
   * @default "refuse"
   */
  missing?: "refuse" | "dropRows";
  /**
   * Of the resampling in the test of ES.
   * @default 0
   */
  seed?: number;
  /**
   * Of the returns, the VaR and the breaches. None is the quickest answer.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
}

/** How the forecasts did. VaR and ES are positive losses in the units of the returns. */
export interface BacktestValueAtRiskResult {
  /** As in the request. */
  name: string;
  /** As in the request. */
  level: number;
  /** That were forecast and tested. */
  periods: number;
  /** That were left out because something was missing. */
  droppedPeriods: number;
  /** How often the method was fitted; null where the forecasts were given. */
  fits: number | null;
  /** Of the quantile of the losses; null where a formula or somebody else gave it. */
  quantileConvention:
    | "inverted_cdf"
    | "averaged_inverted_cdf"
    | "closest_observation"
    | "interpolated_inverted_cdf"
    | "hazen"
    | "weibull"
    | "linear"
    | "median_unbiased"
    | "normal_unbiased"
    | "lower"
    | "higher"
    | "midpoint"
    | "nearest"
    | null;
  /** Periods that lost more than their VaR. */
  breaches: number;
  /** Of right forecasts, on average. */
  expectedBreaches: number;
  breachRate: BreachRate;
  /** Kupiec's: are there too many breaches, or too few? */
  unconditionalCoverage: CoverageTest;
  /** Christoffersen's: do breaches follow each other? Null where no breach precedes a period. */
  independence: CoverageTest | null;
  /** Christoffersen's, of both at once. */
  conditionalCoverage: CoverageTest | null;
  transitions: BreachTransitions;
  trafficLight: BacktestTrafficLight;
  /** Null where a forecast of ES is missing or not positive. */
  expectedShortfallTest: ExpectedShortfallTest | null;
  series: BacktestSeries;
  /** Of all fits; empty where there is nothing to be careful about. */
  cautions: readonly MarketRiskCaution[];
  provenance: MarketRiskProvenance;
  /** In the formats of the request. */
  pictures: readonly Artifact[];
}

/** At most one loss event a year; the frequency is its probability. */
export interface BernoulliCount {
  model: "bernoulli";
}

/** A share, or a value between two other bounds. */
export interface Beta {
  distribution: "beta";
  /** The larger beside `beta`, the nearer to `high`. */
  alpha: number;
  /** The larger beside `alpha`, the nearer to `low`. */
  beta: number;
  /**
   * The smallest value.
   * @default 0
   */
  low?: number;
  /**
   * More than `low`.
   * @default 1
   */
  high?: number;
}

/** A number of successes among independent trials. */
export interface Binomial {
  distribution: "binomial";
  /** How often it is tried. */
  trials: number;
  /** Of success, in each. */
  probability: number;
}

/** The share of periods with a breach, and its exact 95% interval. */
export interface BreachRate {
  /** Of the tested periods. */
  value: number;
  /** Lower limit of the interval. */
  lower: number;
  /** Upper limit of the interval. */
  upper: number;
}

/** How often a period with or without a breach followed one with or without. */
export interface BreachTransitions {
  /** None after none. */
  n00: number;
  /** A breach after none. */
  n01: number;
  /** None after a breach. */
  n10: number;
  /** A breach after a breach. */
  n11: number;
}

/** Two clusters become one; n series are 0 to n - 1, the first merge makes cluster n. */
export interface ClusterMerge {
  /** A series or an earlier cluster. */
  left: number;
  /** Another. */
  right: number;
  /** sqrt(2 (1 - r)): 0 together, 1.41 unrelated, 2 opposed. */
  distance: number;
  /** Series in the new cluster. */
  size: number;
}

/** Scenarios, and what could be bought against them. */
export interface CompareControlsRequest {
  /** What it is called, on one line; the title of the picture. */
  name: string;
  /** ISO 4217, of every amount in the request and the result. */
  currency: string;
  /** Independent of each other, their losses added up. They are entered without the controls. */
  scenarios: readonly NamedScenario[];
  /**
   * Each is judged by itself, then all together. On one node they act in this order: reductions
   * multiply, a replacement undoes what was done before it.
   */
  controls: readonly Control[];
  /** For the costs a year. Without one, what pays for itself is bought. */
  budgetPerYear?: number | null;
  /**
   * Simulated years, the same for all choices. Expectations and ROSI do not depend on it.
   * @default 131072
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
   * Where to give value at risk and tail value at risk, in per cent of years.
   * @default [95,99]
   */
  tailPercents?: readonly number[];
  /**
   * The most points an exceedance curve may have.
   * @default 60
   */
  curvePoints?: number;
  /**
   * Of the ranking. None is the quickest answer.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
}

/** The losses before and after controls, every amount in `currency`. */
export interface CompareControlsResult {
  /** As in the request. */
  name: string;
  /** As in the request. */
  currency: string;
  /** The exact expected annual loss of all scenarios without controls. */
  expectedLossBefore: number;
  /** Simulated, without controls; its limits are 95% intervals. */
  annualLossBefore: AnnualLoss;
  /** Each control by itself, in the order of the request. */
  controls: readonly ControlOutcome[];
  /** All of them together. */
  allControls: ControlOutcome;
  ranking: ControlRanking;
  /** In the order of the request. */
  scenarios: readonly ScenarioUnderControls[];
  provenance: ComparisonProvenance;
  /** Of the ranking. */
  pictures: readonly Artifact[];
}

/** What the numbers depend on. */
export interface ComparisonProvenance {
  /** Of the request as canonical JSON (RFC 8785), defaults written out. */
  requestSha256: string;
  /** Whose computation it is: `prism.drivers`. */
  engine: string;
  /** Changes whenever the numbers of a request do. */
  engineVersion: string;
  /** Of the library of arrays. */
  numpyVersion: string;
  /** Of the library of special functions, searches and Fourier transforms. */
  scipyVersion: string;
  /** As in the request; null where nothing is drawn. */
  seed: number | null;
  /** Joint draws of effects and costs that the intervals of expectations come from. */
  effectDraws: number;
  /** Simulated years. */
  trials: number;
}

/** A value known for sure. A plain number says the same. */
export interface Constant {
  distribution: "constant";
  /** The only one. */
  value: number;
}

/** What a scenario or a form of loss brings to the gross annual loss. */
export interface Contribution {
  /** The scenario's id, or the form of loss. */
  part: string;
  /** Its expected annual loss; the parts add up to that of the whole. */
  mean: number;
  /** Of the whole's expected annual loss; null where that is 0. */
  share: number | null;
  /** For each of `tailPercents`; the parts add up to the tail value at risk of the whole. */
  tail: readonly TailContribution[];
}

/** Something that can be bought against loss. */
export interface Control {
  /** No two controls of a request may share it. */
  id: string;
  /** What it does, in this order. */
  actions: readonly ControlAction[];
  /** Every year, in the request's currency. */
  annualCost?: Distribution | null;
  /** Once, in the request's currency. */
  oneOffCost?: Distribution | null;
  /**
   * Years over which the one-off cost is spread, evenly and without interest.
   * @default 3
   */
  amortisationYears?: number;
}

/** What a control does to one node of some scenarios: with one and the same effect in all. */
export interface ControlAction {
  /** By its path in the scenario. A node that the scenario derives from others can be reduced. */
  node: FairNode;
  /** Their ids, each once. */
  scenarios: readonly string[];
  /** What it does to the node. */
  effect: ReduceBy | AddOrSubtract | ReplaceBy;
}

/** One control as if it were the only one. */
export interface ControlAppraisal {
  /** As in the request. */
  name: string;
  /** Controls overlap: these do not add up to all of them together. */
  alone: FinancialAppraisal;
}

/** Some of the controls, and what they leave. */
export interface ControlChoice {
  /** In the order of the request. */
  controls: readonly string[];
  /** Expected, a year. */
  cost: number;
  /** In a year. */
  expectedLoss: number;
}

/** The annual loss under some controls. */
export interface ControlOutcome {
  /** Which. */
  controls: readonly string[];
  investment: ControlReturn;
  /**
   * Simulated, with both the chance of years and what is uncertain about the controls in its
   * distribution; its limits are 95% intervals of the simulation.
   */
  annualLoss: AnnualLoss;
  /**
   * The mean difference between the same years with and without the controls; its interval is
   * the simulation's, and far shorter than that of two separate simulations.
   */
  simulatedReduction: Estimate;
}

/** Which controls to buy, by expected loss and cost, with all their interactions. */
export interface ControlRanking {
  /** All controls, always the best marginal return next. */
  order: readonly RankedControl[];
  /** Within the budget, the least expected loss; without one, the least sum of loss and cost. */
  best: ControlChoice;
  /** Ascending by cost: what the least loss for the money is. */
  frontier: readonly ControlChoice[];
  /**
   * Whether every combination was tried, so that there is no better choice, or one control taken
   * after the other, because there are too many combinations.
   */
  search: "enumeration" | "greedy";
}

/**
 * What controls save against what they cost, in money a year.
 *
 * Every value is an expectation over years and over what is uncertain about the controls, exact
 * and not simulated. Every interval holds the middle 95% of what effects and costs may turn out
 * to be: the chance of single years is not in it, more trials do not narrow it.
 */
export interface ControlReturn {
  /** The expected annual loss with the controls. */
  expectedLoss: Estimate;
  /** Of the expected annual loss. */
  reduction: Estimate;
  /** The annual costs and a year's part of the one-off costs. */
  cost: Estimate;
  /**
   * Return on security investment, (reduction - cost) / cost: 0.5 is 50%. The value is the ratio
   * of the expectations. Null where the cost may be nothing.
   */
  rosi: Estimate | null;
  /** That the reduction of the expected loss is more than the cost. */
  probabilityOfPaying: number;
}

/** Whether the simulation is as precise as asked. */
export interface Convergence {
  /** Whether the interval is as narrow as asked. */
  isConverged: boolean;
  /** Of the percentile whose interval it is. */
  percent: number;
  /** Half its interval as a share of its value; null where it has none. */
  relativeHalfWidth: number | null;
  /** Simulated years in the end. */
  trials: number;
}

/** Normal losses bent by the sample's skewness and kurtosis: modified VaR. */
export interface CornishFisherMethod {
  kind: "cornishFisher";
  /**
   * What to do with moments for which the expansion is no quantile function, as it falls.
   * @default "refuse"
   */
  outsideDomain?: "refuse" | "flag";
}

/** Two series; a measure that was not asked for is null. */
export interface CorrelatedPair {
  /** The series that comes first in the request. */
  first: string;
  /** The other. */
  second: string;
  /** Rows that both have. */
  observations: number;
  pearson: CorrelationCoefficient | null;
  spearman: CorrelationCoefficient | null;
  kendall: CorrelationCoefficient | null;
  /** Null when not asked for, or where the pair shares too few rows. */
  tail: PairTail | null;
}

/** A correlation for every pair of scenarios, in the request's order. */
export interface Correlation {
  /** Symmetric, with ones on the diagonal. */
  matrix: readonly (readonly number[])[];
  /**
   * What the entries are. `pearson`: of the normal (or t) variables inside the copula, not of the
   * losses. `spearman`, `kendall`: of ranks. A t copula takes `pearson` or `kendall`.
   */
  measure: "pearson" | "spearman" | "kendall";
  /**
   * Whether entries that contradict each other are replaced by the nearest possible ones
   * (Higham); without it they are refused.
   * @default false
   */
  repair?: boolean;
}

/** A correlation with its 95% interval; rows are taken to be independent of each other. */
export interface CorrelationCoefficient {
  /** As measured. */
  value: number;
  /** Lower limit: Fisher's for Pearson, Bonett and Wright's for the others. */
  lower: number;
  /** Upper limit. */
  upper: number;
  /** Of no dependence, two-sided, as if no other pair had been looked at. */
  pValue: number;
  /** After Benjamini and Hochberg over all pairs; the one to judge by when there are many. */
  adjustedPValue: number;
}

/** All correlations of one measure, rows and columns in the order of the request. */
export interface CorrelationMatrix {
  /** Whose. */
  measure: "pearson" | "spearman" | "kendall";
  /** Repaired when that was asked for and necessary; the pairs keep what was measured. */
  matrix: readonly (readonly number[])[];
  /** As measured; below zero the correlations contradict each other. */
  smallestEigenvalue: number;
  /** As measured, rounding forgiven; always so unless `missing` is pairwise. */
  positiveSemidefinite: boolean;
  /** Frobenius distance from what was measured to `matrix`; null where nothing was repaired. */
  repairDistance: number | null;
}

/** Which pairs to follow through time. */
export interface CorrelationWindows {
  /** Rows a window. */
  window: number;
  /**
   * Rows from one window to the next.
   * @default 1
   */
  step?: number;
  /** Names of two different series each. */
  pairs: readonly (readonly [string, string])[];
}

/** A likelihood-ratio test. */
export interface CoverageTest {
  /** Zero where the breaches are just as right forecasts would have them. */
  statistic: number;
  /** The probability of a statistic as large if the forecasts are right. */
  pValue: number;
}

/** How the exact answer compares with a short simulation. One that disagrees fails the job. */
export interface CrossCheck {
  /** Simulated years of the check. */
  trials: number;
  /** Probabilities that were compared, from the body to the tail. */
  compared: number;
  /** The largest difference among them, in standard errors; more than 5 would be a failure. */
  largestDeviation: number;
}

/** A copula, and what of the scenarios it joins. */
export interface Dependence {
  /** What the dependence is like, whatever each scenario is by itself. */
  copula: GaussianCopula | StudentTCopula | ArchimedeanCopula;
  /**
   * `annualLoss`: the year's losses. `frequency`: the numbers of loss events, while what each
   * event costs stays independent.
   * @default "annualLoss"
   */
  of?: "annualLoss" | "frequency";
}

/** What one unit of money at a date is worth at the valuation date. */
export interface DiscountFactor {
  /** After the valuation date. */
  date: string;
  /** Above 1 where rates are negative. */
  factor: number;
}

/** Discount factors that somebody else worked out. */
export interface DiscountFactors {
  curve: "discountFactors";
  /** Ascending by date. */
  points: readonly DiscountFactor[];
  /**
   * How the years between two dates are counted.
   * @default "actual365Fixed"
   */
  dayCount?: "actual365Fixed" | "actual360" | "thirty360" | "actualActual";
  /**
   * Log-linear keeps the forward rate constant between dates.
   * @default "logLinear"
   */
  interpolation?: "logLinear" | "monotonicLogCubic";
}

/** What is known of an amount, a rate or a share; a number if it is sure. */
export type Distribution =
  | number
  | Constant
  | Pert
  | Triangular
  | Uniform
  | Normal
  | Lognormal
  | Gamma
  | Beta
  | Poisson
  | NegativeBinomial
  | Binomial
  | GeneralisedPareto
  | Empirical;

/** One estimate, at a low and at a high percentile of its own, all others as they are. */
export interface DriverSwing {
  /** The id of the scenario it belongs to. */
  scenario: string;
  /** Its path in the scenario. */
  node: FairNode;
  /** The estimate's value at the low percentile. */
  low: number;
  /** The estimate's value at the high percentile. */
  high: number;
  /** The annual loss of all scenarios, were the estimate `low` for sure. */
  lossAtLow: number;
  /** The annual loss of all scenarios, were the estimate `high` for sure. */
  lossAtHigh: number;
}

/** What the numbers depend on. */
export interface DriversProvenance {
  /** Of the request as canonical JSON (RFC 8785), defaults written out. */
  requestSha256: string;
  /** Whose computation it is: `prism.drivers`. */
  engine: string;
  /** Changes whenever the numbers of a request do. */
  engineVersion: string;
  /** Of the library of arrays. */
  numpyVersion: string;
  /** Of the library of special functions, searches and Fourier transforms. */
  scipyVersion: string;
  /** As in the request; null where nothing is drawn. */
  seed: number | null;
  /** Scrambled Sobol points of the tail drivers. */
  points: number;
  /** Independent scramblings among them, which the intervals come from. */
  replicates: number;
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

/** Values as they were observed; no other ever comes. */
export interface Empirical {
  distribution: "empirical";
  /** In any order. */
  values: readonly number[];
  /** How much each value counts beside the others; null for all the same. */
  weights?: readonly number[] | null;
}

/** The ways to compute the distribution of an annual loss. */
export type Engine = "auto" | "analytic" | "monteCarlo" | "copula" | "quasiMonteCarlo";

/** What computed the numbers. */
export interface EngineReport {
  /** The engine that was taken. */
  name: Engine;
  /** Why it and no other. */
  reason: string;
  /** Where `auto` took the analytic engine. */
  crossCheck: CrossCheck | null;
  /**
   * How far the correlations inside a copula were moved to be possible (Frobenius norm); null
   * without a copula.
   */
  correlationRepairDistance: number | null;
}

/** A value with its limits; a limit is null where the trials are too few for one. */
export interface Estimate {
  /** The best estimate. */
  value: number;
  /** Lower limit. */
  lower: number | null;
  /** Upper limit. */
  upper: number | null;
}

/** A parameter by its maximum likelihood. */
export interface EstimatedParameter {
  /** As the distribution has it. */
  name: string;
  /** Where the values are most likely. */
  value: number;
  /** From the observed information; null where the likelihood is too flat. */
  standardError: number | null;
}

/** RiskMetrics: normal losses of mean zero and an exponentially weighted covariance. */
export interface EwmaMethod {
  kind: "ewma";
  /**
   * Each period weighs this much of the next one; 0.94 is RiskMetrics' for days.
   * @default 0.94
   */
  decay?: number;
}

/** The probability that a year costs `loss` or more, with its limits. */
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

/** What one kind of loss costs in a year. */
export interface ExpectedLoss {
  /** No two losses may share it. */
  name: string;
  /** ISO 4217, of `annualLoss`. */
  currency: string;
  /** Of all events of the first year together; a number is an expected loss known for sure. */
  annualLoss: Distribution;
  /**
   * Of what is exposed, without inflation: 0.1 makes the second year's loss a tenth larger.
   * @default 0
   */
  growthPerYear?: number;
}

/** Whether losses beyond VaR were as large as the expected shortfall said. */
export interface ExpectedShortfallTest {
  /** Acerbi and Szekely's second statistic: 0 expected, negative where ES was too small. */
  z2: number;
  /** Below it they reject at 5%, for ES at 97.5% over 250 periods; else an indication. */
  z2Critical: number;
  /** Of (loss - ES) / ES over breaches: 0 expected; null with fewer than two breaches. */
  meanResidual: number | null;
  /** Of a mean residual as large, resampled: small where ES was too small. */
  pValue: number | null;
}

/** What one person believes. */
export interface Expert {
  /** Percents and values both rising. */
  quantiles: readonly Quantile[];
  /**
   * How much this one counts beside the others.
   * @default 1
   */
  weight?: number;
}

/**
 * Quantiles that experts believe in.
 *
 * Of several experts each gets the family that fits him best; fitted is the mean of their
 * distribution functions, by weight: the linear opinion pool (Stone, Annals of Mathematical
 * Statistics 32, 1961). Where experts differ it is wider than each of them.
 */
export interface ExpertOpinions {
  given: "experts";
  /** One or more. */
  experts: readonly Expert[];
}

/** How `fleet.echo` may fail on request; one for each thing a caller can do about it. */
export type Failure = "changeRequest" | "wait" | "callUs";

/**
 * A node of the tree, named by its path in a scenario of a request.
 *
 * Source: The Open Group, Risk Taxonomy (O-RT) 3.0.1 (2021).
 */
export type FairNode =
  | "lossEventFrequencyPerYear"
  | "threatEventFrequencyPerYear"
  | "contactFrequencyPerYear"
  | "probabilityOfAction"
  | "vulnerability"
  | "threatCapability"
  | "resistanceStrength"
  | "primaryLoss"
  | "primaryLossByForm.productivity"
  | "primaryLossByForm.response"
  | "primaryLossByForm.replacement"
  | "primaryLossByForm.competitiveAdvantage"
  | "primaryLossByForm.finesAndJudgements"
  | "primaryLossByForm.reputation"
  | "secondaryLoss.probability"
  | "secondaryLoss.loss"
  | "secondaryLoss.lossByForm.productivity"
  | "secondaryLoss.lossByForm.response"
  | "secondaryLoss.lossByForm.replacement"
  | "secondaryLoss.lossByForm.competitiveAdvantage"
  | "secondaryLoss.lossByForm.finesAndJudgements"
  | "secondaryLoss.lossByForm.reputation";

/** A family that was asked for and could not be fitted. */
export interface FamilyLeftOut {
  /** As it was asked for. */
  family:
    | "uniform"
    | "triangular"
    | "pert"
    | "normal"
    | "lognormal"
    | "gamma"
    | "beta"
    | "generalisedPareto"
    | "poisson"
    | "negativeBinomial";
  /** Completes a sentence that begins with the family. */
  reason: string;
}

/** Past shocks at the next period's volatility, by a GARCH(1,1). */
export interface FilteredHistoricalMethod {
  kind: "filteredHistorical";
  /**
   * Of the quantile of the losses, by NumPy's names.
   * @default "inverted_cdf"
   */
  convention?:
    | "inverted_cdf"
    | "averaged_inverted_cdf"
    | "closest_observation"
    | "interpolated_inverted_cdf"
    | "hazen"
    | "weibull"
    | "linear"
    | "median_unbiased"
    | "normal_unbiased"
    | "lower"
    | "higher"
    | "midpoint"
    | "nearest";
}

/** Whether controls are worth their money, in expectation. */
export interface FinancialAppraisal {
  /** Present value of losses without them. */
  lossesBefore: number;
  /** Present value of losses with them. */
  lossesAfter: number;
  /** Present value of what they cost. */
  costs: number;
  /** Losses avoided less costs. */
  netPresentValue: number;
  /** Return on security investment: the net present value over the costs; null without costs. */
  rosi: number | null;
  /** Until discounted savings have earned back the costs; null where they never do. */
  paybackYears: number | null;
  internalRateOfReturn: InternalRateOfReturn;
}

/** Estimates or data, and the families that may fit them. */
export interface FitDistributionRequest {
  /** What is estimated, on one line; the title of the picture. */
  name: string;
  /** What is known. */
  evidence: ExpertOpinions | ThreePoints | Observations;
  /**
   * Those to try, of equally good ones the first preferred; null for all that can take the
   * evidence.
   */
  families?:
    | readonly (
        | "uniform"
        | "triangular"
        | "pert"
        | "normal"
        | "lognormal"
        | "gamma"
        | "beta"
        | "generalisedPareto"
        | "poisson"
        | "negativeBinomial"
      )[]
    | null;
  /**
   * Of quantiles, those of the evidence against those of the best fit; three points have none.
   * None is the quickest answer.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
}

/** The families that may be behind the evidence, the best first. */
export interface FitDistributionResult {
  /** As in the request. */
  name: string;
  /** Of the first candidate. */
  best: WrittenDistribution;
  /**
   * Data by Akaike's criterion, experts' quantiles by relative error; of equally good families
   * the one of fewer parameters first, then as asked. Three points as asked.
   */
  candidates: readonly FittedCandidate[];
  /** With the reasons. */
  leftOut: readonly FamilyLeftOut[];
  /** Observations above the threshold; null for estimates. */
  valuesUsed: number | null;
  provenance: Provenance;
  /** Quantiles of the evidence against those of the best; none for three points. */
  pictures: readonly Artifact[];
}

/** A family, fitted. */
export interface FittedCandidate {
  /** The kind of the distribution. */
  family:
    | "uniform"
    | "triangular"
    | "pert"
    | "normal"
    | "lognormal"
    | "gamma"
    | "beta"
    | "generalisedPareto"
    | "poisson"
    | "negativeBinomial";
  /** Ready for a scenario. */
  distribution: WrittenDistribution;
  /** Of the distribution, not of the data. */
  mean: number;
  /** Null where it is infinite. */
  standardDeviation: number | null;
  /**
   * For data at most a hundred, the least and the largest value among them. For experts all that
   * they stated, one expert after the other; a distribution of several meets none of them.
   */
  quantiles: readonly QuantilePair[];
  /**
   * Root mean square of ln(fitted / seen) over an expert's quantiles; over several experts the
   * mean squares are averaged by weight. Null otherwise.
   */
  relativeError: number | null;
  /** Null for estimates. */
  likelihood: Likelihood | null;
}

/** A number that the method estimated from the sample. */
export interface FittedParameter {
  /** What it is: `degreesOfFreedom`. */
  name: string;
  /** Losses are in the units of the request's losses. */
  value: number;
}

/** One rate for every time. */
export interface FlatRate {
  /**
   * Whether interest earns interest: never, at every period's end, at every instant.
   * @default "compounded"
   */
  compounding?: "simple" | "compounded" | "continuous";
  /**
   * Of compounding; of no meaning to simple and continuous rates.
   * @default "annual"
   */
  frequency?: "annual" | "semiannual" | "quarterly" | "monthly";
  /**
   * How the years between two dates are counted.
   * @default "actual365Fixed"
   */
  dayCount?: "actual365Fixed" | "actual360" | "thirty360" | "actualActual";
  curve: "flatRate";
  /** A year: 0.05 is five per cent. */
  rate: number;
}

/** An amount, or a rate, whose tail falls exponentially; its mean is shape * scale. */
export interface Gamma {
  distribution: "gamma";
  /** The larger, the more like a bell; 1 is the exponential. */
  shape: number;
  /** In the unit of the value. */
  scale: number;
}

/** That of correlated normals; in the far tail it fades to independence. */
export interface GaussianCopula {
  copula: "gaussian";
  correlation: Correlation;
}

/** What exceeds a threshold, as extreme value theory has it. */
export interface GeneralisedPareto {
  distribution: "generalisedPareto";
  /** The reciprocal of the tail index; at 1 the mean would be infinite. 0 is the exponential. */
  shape: number;
  /** In the unit of the value. */
  scale: number;
  /**
   * The smallest value.
   * @default 0
   */
  threshold?: number;
}

/** Forecasts that were made elsewhere. */
export interface GivenForecasts {
  kind: "given";
  /** One for each return, made before it; positive is a loss, null is missing. */
  valueAtRisk: readonly (number | null)[];
  /** One for each return, at least its VaR; null leaves the test of ES out. */
  expectedShortfall?: readonly (number | null)[] | null;
}

/** A distance between data and distribution. */
export interface GoodnessOfFit {
  /** 0 would be no distance. */
  statistic: number;
  /** How often chance alone gives as large a one (parametric bootstrap); null without samples. */
  pValue: number | null;
}

/** The past losses are the distribution of the next one. */
export interface HistoricalMethod {
  kind: "historical";
  /**
   * Of the quantile of the losses, by NumPy's names; `inverted_cdf` is the definition of VaR.
   * @default "inverted_cdf"
   */
  convention?:
    | "inverted_cdf"
    | "averaged_inverted_cdf"
    | "closest_observation"
    | "interpolated_inverted_cdf"
    | "hazen"
    | "weibull"
    | "linear"
    | "median_unbiased"
    | "normal_unbiased"
    | "lower"
    | "higher"
    | "midpoint"
    | "nearest";
  /** Each period weighs this much of the next one; null weighs all the same. */
  decay?: number | null;
}

/** More than one period, by a rule of thumb. */
export interface Horizon {
  /** Of the series. */
  periods: number;
  /** Losses grow with the root of time: right for independent normal losses of mean zero. */
  scaling: "squareRootOfTime";
}

/** How to look at what is uncertain. */
export interface ImpactSimulation {
  /**
   * Simulated courses of all years.
   * @default 100000
   */
  trials?: number;
  /**
   * The same request gives the same numbers; another seed gives others as good.
   * @default 0
   */
  seed?: number;
  /**
   * From one year of a loss to the next, of the normals of a Gaussian copula; 0 is none.
   * @default 0
   */
  autocorrelation?: number;
  /**
   * In per cent of courses.
   * @default [5,50,95]
   */
  percentiles?: readonly number[];
}

/** How far present values may come out from what is expected. */
export interface ImpactUncertainty {
  lossesBefore: PresentValueSpread;
  lossesAfter: PresentValueSpread;
  netPresentValue: PresentValueSpread;
  /** That all controls together save more than they cost. */
  probabilityOfGain: Estimate;
}

/** A policy. The aggregate layer covers the year's sum of what the other pays of each event. */
export interface Insurance {
  /** Of each loss event; without it all of it counts. */
  perOccurrence?: Layer | null;
  /** Of the year's sum; without it all of it is paid. */
  annualAggregate?: Layer | null;
}

/** The rate at which the controls would just pay, if there is one such rate. */
export interface InternalRateOfReturn {
  /** A rate that is not unique is no yardstick: go by the net present value. */
  status: "unique" | "none" | "several";
  /** A year, compounded annually; null unless unique. */
  rate: number | null;
  /** Every rate from -99% to 1,000,000% at which the net present value is nothing. */
  candidates: readonly number[];
}

/** The part of an amount that is paid: what is above the deductible, up to the limit. */
export interface Layer {
  /**
   * What is never paid (a retention).
   * @default 0
   */
  deductible?: number;
  /** The most that is paid; without one, everything above the deductible. */
  limit?: number | null;
}

/** The risk at one level of confidence. */
export interface LevelRisk {
  /** In per cent, as asked for. */
  level: number;
  valueAtRisk: RiskFigure;
  /** The mean loss beyond the VaR; null where the fitted tail has none. */
  expectedShortfall: RiskFigure | null;
  /** In the order of the positions; empty unless asked for. */
  contributions: readonly PositionContribution[];
}

/** What the data say of a family. */
export interface Likelihood {
  /** Those that were estimated. */
  parameters: readonly EstimatedParameter[];
  /** Comparable between families, for the same values. */
  logLikelihood: number;
  /** AIC: the smallest is the best, and candidates are in its order. */
  akaikeCriterion: number;
  /** BIC: harder on parameters than AIC. */
  bayesCriterion: number;
  /** Null for counts. */
  kolmogorovSmirnov: GoodnessOfFit | null;
  /** Heeds the tails more. Null for counts. */
  andersonDarling: GoodnessOfFit | null;
  /** Null for amounts, and for counts that are too few. */
  chiSquare: GoodnessOfFit | null;
  /** Of the chi-square. */
  degreesOfFreedom: number | null;
}

/** Nothing needs to be said: they are those of the tenant whose job this is. */
export interface ListSchedulesRequest {}

/** A tenant's schedules. */
export interface ListSchedulesResult {
  /** By name, without their requests. */
  schedules: readonly ScheduleState[];
}

/**
 * An amount without a largest value, told in one of three ways.
 *
 * Its 90% interval (`low` and `high`), its logarithm's mean and deviation (`mu` and `sigma`), or
 * its own (`mean` and `standardDeviation`).
 */
export interface Lognormal {
  distribution: "lognormal";
  /** Above 0; 5% lies below it. */
  low?: number | null;
  /** More than `low`; 5% lies above it. */
  high?: number | null;
  /** Mean of the natural logarithm. */
  mu?: number | null;
  /** Standard deviation of the natural logarithm. */
  sigma?: number | null;
  /** The expected value. */
  mean?: number | null;
  /** Of the value itself. */
  standardDeviation?: number | null;
}

/**
 * The forms of loss of one event, at least one of them, each in the request's currency.
 *
 * They are the six of the Open FAIR taxonomy; a form left out costs nothing.
 */
export interface LossByForm {
  /** Of what the organisation cannot do or sell meanwhile. */
  productivity?: Distribution | null;
  /** Of dealing with the event: people, lawyers, notices. */
  response?: Distribution | null;
  /** Of assets to repair or buy again. */
  replacement?: Distribution | null;
  /** Of an edge that rivals gain. */
  competitiveAdvantage?: Distribution | null;
  /** Of regulators and courts. */
  finesAndJudgements?: Distribution | null;
  /** Of customers, credit and market value. */
  reputation?: Distribution | null;
}

/** Something that a reader of the numbers must know. */
export interface MarketRiskCaution {
  /** What it is, for a program. */
  code:
    | "squareRootOfTime"
    | "notMonotone"
    | "tailAtBound"
    | "infiniteShortfall"
    | "simulationErrorOnly";
  /** What it is, in words. */
  meaning: string;
}

/** What the numbers depend on. */
export interface MarketRiskProvenance {
  /** Of the request as canonical JSON (RFC 8785), defaults written out. */
  requestSha256: string;
  /** Whose computation it is: `prism.drivers`. */
  engine: string;
  /** Changes whenever the numbers of a request do. */
  engineVersion: string;
  /** Of the library of arrays. */
  numpyVersion: string;
  /** Of the library of special functions, searches and Fourier transforms. */
  scipyVersion: string;
  /** As in the request; null where nothing is drawn. */
  seed: number | null;
  /** Of the library that fitted the GARCH; null where none was. */
  archVersion: string | null;
}

/** Positions, their past returns, and how to forecast from them. */
export interface MeasureValueAtRiskRequest {
  /** ISO 4217, of every amount in the request and the result. */
  currency: string;
  /** All with returns of the same periods. */
  positions: readonly Position[];
  /** One a period, ascending. */
  dates?: readonly string[] | null;
  /** How to forecast the loss of the next period. */
  method:
    | HistoricalMethod
    | NormalMethod
    | StudentTMethod
    | CornishFisherMethod
    | EwmaMethod
    | FilteredHistoricalMethod
    | MonteCarloMethod
    | PeaksOverThresholdMethod;
  /**
   * Of confidence, in per cent: 99 asks for the loss that one period in a hundred exceeds.
   * @default [95,97.5,99]
   */
  levels?: readonly number[];
  /** Null is one period of the series. */
  horizon?: Horizon | null;
  /**
   * What to do with a period that a position misses: `dropRows` leaves it out for all.
   * @default "refuse"
   */
  missing?: "refuse" | "dropRows";
  /**
   * Whether to split the figures by position; historical, normal, ewma and monteCarlo can.
   * @default false
   */
  decompose?: boolean;
}

/** VaR and ES, absolute losses in `currency`: positive is lost, the mean is not taken out. */
export interface MeasureValueAtRiskResult {
  /** As in the request. */
  currency: string;
  /** The kind of the request's method. */
  method: string;
  /** Of the quantile of the losses; null where a formula gives it. */
  quantileConvention:
    | "inverted_cdf"
    | "averaged_inverted_cdf"
    | "closest_observation"
    | "interpolated_inverted_cdf"
    | "hazen"
    | "weibull"
    | "linear"
    | "median_unbiased"
    | "normal_unbiased"
    | "lower"
    | "higher"
    | "midpoint"
    | "nearest"
    | null;
  /** That were used. */
  periods: number;
  /** That were left out because a return was missing. */
  droppedPeriods: number;
  /** That the figures are for. */
  horizonPeriods: number;
  /** In the order of the request. */
  levels: readonly LevelRisk[];
  /** What the method estimated. */
  parameters: readonly FittedParameter[];
  /** Empty where there is nothing to be careful about. */
  cautions: readonly MarketRiskCaution[];
  provenance: MarketRiskProvenance;
}

/** What becomes of runs whose time passed while nobody could send them. */
export type Missed = "skip" | "runOnce";

/** Simulated joint losses of the sample's mean and covariance. */
export interface MonteCarloMethod {
  kind: "monteCarlo";
  /** Of a joint Student t; null is jointly normal. */
  degreesOfFreedom?: number | null;
  /**
   * Simulated periods; draws times positions are at most 20 million.
   * @default 100000
   */
  draws?: number;
  /**
   * The same request gives the same numbers; another seed gives others as good.
   * @default 0
   */
  seed?: number;
  /**
   * Of the quantile of the losses, by NumPy's names.
   * @default "inverted_cdf"
   */
  convention?:
    | "inverted_cdf"
    | "averaged_inverted_cdf"
    | "closest_observation"
    | "interpolated_inverted_cdf"
    | "hazen"
    | "weibull"
    | "linear"
    | "median_unbiased"
    | "normal_unbiased"
    | "lower"
    | "higher"
    | "midpoint"
    | "nearest";
}

/** A scenario and what it is called. */
export interface NamedScenario {
  /** No two scenarios of a request may share it. */
  id: string;
  scenario: Scenario;
}

/** One of the schedules of the tenant whose job this is. */
export interface NamedSchedule {
  /** Unique among the tenant's. */
  name: string;
}

/** A number of events that come in clusters: its variance is mean + mean² / size. */
export interface NegativeBinomial {
  distribution: "negativeBinomial";
  /** The expected number. */
  mean: number;
  /** The smaller, the more clustered; it is the r of (r, p), and p = r / (r + mean). */
  size: number;
}

/** Loss events come in clusters: their variance is rate + rate^2 / size. */
export interface NegativeBinomialCount {
  model: "negativeBinomial";
  /** The smaller, the more they cluster. */
  size: number;
}

/** A bell curve, given that it falls from `low` to `high`. */
export interface Normal {
  distribution: "normal";
  /** Of the whole bell. Cutting off a part moves the mean of the rest. */
  mean: number;
  /** Of the whole bell. */
  standardDeviation: number;
  /**
   * The smallest value.
   * @default 0
   */
  low?: number;
  /** The largest value, more than `low`; null for none. */
  high?: number | null;
}

/** Normal losses of the sample's mean and covariance. */
export interface NormalMethod {
  kind: "normal";
}

/** Amounts (or rates, or shares) or numbers of events that were observed. */
export interface Observations {
  given: "observations";
  /** Whether the values lie on a continuous scale, or are numbers of things. */
  kind: "amounts" | "counts";
  /** In any order. */
  values: readonly number[];
  /**
   * Only amounts above it are fitted, and a generalised Pareto begins at it.
   * @default 0
   */
  threshold?: number;
  /**
   * Behind each p-value; 0 for none.
   * @default 199
   */
  bootstrapSamples?: number;
  /**
   * The same request gives the same numbers.
   * @default 0
   */
  seed?: number;
}

/** One quantity, observed at the times that all series share. */
export interface ObservedSeries {
  /** What is observed, on one line; no two series may share it. */
  name: string;
  /** One a row; null is missing. */
  values: readonly (number | null)[];
}

/** The joint tails of a pair, beside those of copulas with its Kendall correlation. */
export interface PairTail {
  /** Of low values. */
  lower: TailShare;
  /** Of high values. */
  upper: TailShare;
  /** In each tail, of each series. */
  tailRows: number;
  /** What a Gaussian copula gives at the same threshold. */
  gaussianCopula: number;
  /** What a t copula gives far out in the tail, where the Gaussian's goes to 0. */
  tCopulaLimit: number;
}

/** A generalised Pareto tail beyond a high loss. */
export interface PeaksOverThresholdMethod {
  kind: "peaksOverThreshold";
  /**
   * The share of the periods whose losses make the tail.
   * @default 0.1
   */
  exceedances?: number;
}

/** The annual loss that `percent` per cent of years do not exceed, with its limits. */
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

/** A smallest, a most likely and a largest value. */
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
  /**
   * `pyfair` has the same mean and, as pyfair does, the deviation (high - low) / (gamma + 2).
   * @default "vose"
   */
  convention?: "vose" | "pyfair";
}

/** What is spent against losses, and what share of them it avoids. */
export interface PlannedControl {
  /** No two controls may share it. */
  name: string;
  /** ISO 4217, of its costs. */
  currency: string;
  /**
   * Spent on the valuation date.
   * @default 0
   */
  atStart?: number;
  /** One a year, or a single one for all of them. */
  runningCosts: readonly number[];
  /** The share avoided of what other controls leave: one a year, or a single one for all. */
  effectiveness: readonly number[];
  /** Names of losses, each once; null is all of them. */
  actsOn?: readonly string[] | null;
}

/** A number of events that come independently. */
export interface Poisson {
  distribution: "poisson";
  /** The mean. */
  rate: number;
}

/** Loss events come independently of each other. */
export interface PoissonCount {
  model: "poisson";
}

/** Something held, and what it returned in each period. */
export interface Position {
  /** What it is called; no two positions have the same. */
  name: string;
  /** Held now, in the request's currency; negative is short, 1 makes the returns profits. */
  amount: number;
  /** One a period in order of time, as fractions: -0.02 is 2% lost. Null is missing. */
  returns: readonly (number | null)[];
}

/** What a position adds to the portfolio's figures. */
export interface PositionContribution {
  /** Of the position. */
  name: string;
  /** The position's part of the VaR; the parts sum to it. Negative where it hedges. */
  componentValueAtRisk: number;
  /** By how much VaR grows for each unit of currency added to the position. */
  marginalValueAtRisk: number;
  /** What closing the position would take off the VaR. */
  incrementalValueAtRisk: number;
  /** The position's part of the ES; the parts sum to it. */
  componentExpectedShortfall: number;
}

/** How narrow an interval must be for the simulation to stop. */
export interface Precision {
  /** Half the 95% interval, as a share of the value. */
  relativeHalfWidth: number;
  /**
   * Of the percentile whose interval it is.
   * @default 95
   */
  percent?: number;
  /**
   * Simulated years after which it stops in any case.
   * @default 100000000
   */
  maxTrials?: number;
}

/** The present value that `percent` per cent of simulated courses do not exceed. */
export interface PresentValuePercentile {
  /** As asked for. */
  percent: number;
  /** The present value. */
  value: number;
  /** Lower limit of its 95% interval; null where the trials are too few for one. */
  lower: number | null;
  /** Upper limit; null where the trials are too few for one. */
  upper: number | null;
}

/** A simulated present value. */
export interface PresentValueSpread {
  mean: Estimate;
  /** Of the simulated courses. */
  standardDeviation: number;
  /** In the order of the request. */
  percentiles: readonly PresentValuePercentile[];
}

/** Which of a queue's waiting jobs goes first. */
export type Priority = "high" | "normal" | "low";

/** Losses, controls, and how money is counted over time. */
export interface ProjectFinancialImpactRequest {
  /** What is projected. */
  name: string;
  /** ISO 4217, of the result. */
  currency: string;
  /** What present values are values at; the first year begins here. */
  valuationDate: string;
  /** How far to look. */
  years: number;
  /** When a year's money moves. */
  timing: "endOfYear" | "midYear";
  /**
   * Of losses and running costs: `constant` are those of the valuation date, `current` those of
   * each year.
   */
  prices: "constant" | "current";
  /** Whether the discount rates contain inflation (`nominal`) or not (`real`). */
  rates: "nominal" | "real";
  /**
   * One a year, or a single one for all. Needed to bring constant prices to nominal rates or
   * current prices to real ones, and refused where prices and rates agree.
   */
  inflationPerYear?: readonly number[] | null;
  /** What money of a later year is worth now. */
  discountCurve: FlatRate | ZeroRates | DiscountFactors;
  /**
   * Whether the curve's last forward rate goes on where the years outlast the curve.
   * @default false
   */
  extrapolate?: boolean;
  /**
   * Into the reporting currency; a rate that is missing is not guessed.
   * @default []
   */
  exchangeRates?: readonly StatedRate[];
  /**
   * Whether one over the opposite rate may stand in for a missing one.
   * @default false
   */
  allowInverseRates?: boolean;
  /** Independent of each other. */
  losses: readonly ExpectedLoss[];
  /**
   * Against the losses.
   * @default []
   */
  controls?: readonly PlannedControl[];
  /** Null looks at expected values only. */
  simulation?: ImpactSimulation | null;
}

/** Losses and controls over several years, in today's money. */
export interface ProjectFinancialImpactResult {
  /** As in the request. */
  name: string;
  /** Of every amount. */
  currency: string;
  /** What yearly amounts are counted in: the money of their day, or of the valuation date. */
  money: "nominal" | "real";
  /** In time. */
  years: readonly ProjectedYear[];
  /** All controls. */
  together: FinancialAppraisal;
  /** Each alone, in the order of the request. */
  controls: readonly ControlAppraisal[];
  /** Null when not asked for. */
  uncertainty: ImpactUncertainty | null;
  provenance: Provenance;
}

/** Expected amounts of one year, in the money that the discount rates are for. */
export interface ProjectedYear {
  /** From 1. */
  year: number;
  /** When the year's money is taken to move. */
  cashFlowDate: string;
  /** That brought the request's amounts to this money; 1 where no inflation is needed. */
  priceFactor: number;
  /** What one unit at that date is worth at the valuation date. */
  discountFactor: number;
  /** Without controls. */
  lossBefore: number;
  /** With all controls. */
  lossAfter: number;
  /** Of all controls. */
  runningCosts: number;
  /** Losses avoided less running costs. */
  netCashFlow: number;
  /** Of all net cash flows so far, costs at the start included. */
  cumulativePresentValue: number;
}

/** What the numbers depend on. */
export interface Provenance {
  /** Of the request as canonical JSON (RFC 8785), defaults written out. */
  requestSha256: string;
  /** Whose computation it is: `prism.drivers`. */
  engine: string;
  /** Changes whenever the numbers of a request do. */
  engineVersion: string;
  /** Of the library of arrays. */
  numpyVersion: string;
  /** Of the library of special functions, searches and Fourier transforms. */
  scipyVersion: string;
  /** As in the request; null where nothing is drawn. */
  seed: number | null;
}

/** A job, and when it is to be sent: `everySeconds` or `cron`, one of the two. */
export interface PutScheduleRequest {
  /** A schedule of this name is changed, if the tenant has one. */
  name: string;
  /** Any task but those about schedules. */
  task: string;
  /** Of that task; checked now. */
  request: object;
  /** Counted from when the schedule was made; the first job is sent that long after it. */
  everySeconds?: number | null;
  /** Minute, hour, day of month, month and day of week, as in `30 6 * * 1-5`. */
  cron?: string | null;
  /**
   * Whose clocks the cron expression means: a name of the IANA database, as `Europe/Berlin`.
   * @default "UTC"
   */
  timeZone?: string;
  /**
   * What becomes of runs whose time passed while nobody could send them: `skip` leaves them
   * out, `runOnce` sends the last of them late.
   * @default "runOnce"
   */
  missed?: Missed;
  /**
   * Of the jobs.
   * @default "normal"
   */
  priority?: Priority;
  /** Null lets a new schedule begin, and leaves a known one paused or not, as it is. */
  enabled?: boolean | null;
}

/** A value, and the chance that the truth lies below it. */
export interface Quantile {
  /** 5 for the value that the truth falls below once in twenty. */
  percent: number;
  /** In the unit of all others. */
  value: number;
}

/** A quantile of the evidence, and the same one of the distribution. */
export interface QuantilePair {
  /** Of values below. */
  percent: number;
  /** In the data, or as an expert stated it. */
  seen: number;
  /** Of the distribution. */
  fitted: number;
}

/** Scenarios, and how to look at what drives their losses. */
export interface RankDriversRequest {
  /** What it is called, on one line; the title of the picture. */
  name: string;
  /** ISO 4217, of every amount in the request and the result. */
  currency: string;
  /** Independent of each other, their losses added up. */
  scenarios: readonly NamedScenario[];
  /**
   * The percentile of an estimate at the low end of its bar.
   * @default 10
   */
  lowPercent?: number;
  /**
   * The percentile of an estimate at the high end of its bar; more than `lowPercent`.
   * @default 90
   */
  highPercent?: number;
  /**
   * Also move this percentile of the annual loss, not only its expectation: exactly, which takes
   * two distributions of the annual loss for each estimate.
   */
  tornadoPercent?: number | null;
  /**
   * The percentile of the annual loss beyond which a year is a bad one.
   * @default 95
   */
  tailPercent?: number;
  /**
   * Of each scenario, in per cent of years.
   * @default [5,50,90,95,99]
   */
  percentiles?: readonly number[];
  /**
   * Where to give value at risk and tail value at risk of each scenario.
   * @default [95,99]
   */
  tailPercents?: readonly number[];
  /**
   * The most points an exceedance curve may have.
   * @default 60
   */
  curvePoints?: number;
  /**
   * The same request gives the same numbers; another seed gives others as good.
   * @default 0
   */
  seed?: number;
  /**
   * Of the tornado: of the percentile where one is asked for, else of the expected loss. None is
   * the quickest answer.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
}

/** What the annual loss depends on, every amount in `currency`. */
export interface RankDriversResult {
  /** As in the request. */
  name: string;
  /** As in the request. */
  currency: string;
  /**
   * Of the expected annual loss, exact: all other estimates are integrated out, not set to a
   * middle value.
   */
  tornado: Tornado;
  /** Null unless asked for. */
  percentileTornado: Tornado | null;
  /**
   * The largest total index first; null where an estimate has no finite variance, and so no
   * Sobol indices.
   */
  varianceDrivers: readonly VarianceDriver[] | null;
  /** As in the request. */
  tailPercent: number;
  /** The largest total index first. */
  tailDrivers: readonly TailDriver[];
  /** In the order of the request. */
  scenarios: readonly ScenarioBesideOthers[];
  provenance: DriversProvenance;
  /** Of the tornado; none where no estimate is uncertain. */
  pictures: readonly Artifact[];
}

/** The next control to buy, judged beside those before it. */
export interface RankedControl {
  /** Its id. */
  control: string;
  /** Of the expected annual loss, given the controls before it. */
  marginalReduction: number;
  /** (marginal reduction - cost) / cost; null if it costs nothing. */
  marginalRosi: number | null;
  /** With the controls before it, a year. */
  cumulatedCost: number;
  /** With the controls before it, in a year. */
  expectedLoss: number;
  /** Whether it belongs to the best choice. */
  isChosen: boolean;
}

/** Multiply the node by 1 - share x coverage x reliability: any node of the FAIR tree. */
export interface ReduceBy {
  operation: "reduceBy";
  /** Within 0 to 1: what the control takes off where it is in place and works. */
  share: Distribution;
  /** Within 0 to 1: how much of what is at risk the control covers; all of it if left out. */
  coverage?: Distribution | null;
  /** Within 0 to 1: how much of the time the control works as meant; always if left out. */
  reliability?: Distribution | null;
}

/** What was done. */
export interface RemoveScheduleResult {
  /** Whether there was one. */
  removed: boolean;
}

/** Put another estimate in the place of one that the scenario was given. */
export interface ReplaceBy {
  operation: "replaceBy";
  /** What the node is with the control: its variation, not an uncertainty about the control. */
  by: Distribution;
}

/** What the organisation is ready to lose: an amount, a curve, or both. */
export interface RiskAppetite {
  /** In a year, in the request's currency. */
  annualLoss?: number | null;
  /**
   * Ascending by loss: the more a year costs, the rarer it must be.
   * @default []
   */
  curve?: readonly ToleratedLoss[];
}

/** A loss with its standard error and 95% interval; null where no standard one exists. */
export interface RiskFigure {
  /** A positive number is a loss. */
  value: number;
  /** Of the estimate, for independent periods. */
  standardError: number | null;
  /** Lower limit of the interval. */
  lower: number | null;
  /** Upper limit of the interval. */
  upper: number | null;
}

/** How the correlation of two series has changed. */
export interface RollingCorrelation {
  /** As in the request. */
  first: string;
  /** As in the request. */
  second: string;
  /** One a window, in time. */
  points: readonly RollingCorrelationPoint[];
}

/** Pearson's correlation in one window; null where the window is not enough for one. */
export interface RollingCorrelationPoint {
  /** Of the window, from 0, after dropped rows are gone. */
  lastRow: number;
  /** Of the last row; null when the request has no dates. */
  lastDate: string | null;
  /** The correlation. */
  value: number | null;
  /** Lower limit of its 95% interval. */
  lower: number | null;
  /** Upper limit. */
  upper: number | null;
}

/** Forecasts to be made here, each from the periods before it. */
export interface RollingWindow {
  kind: "rolling";
  /** How to forecast the loss of the next period. */
  method:
    | HistoricalMethod
    | NormalMethod
    | StudentTMethod
    | CornishFisherMethod
    | EwmaMethod
    | FilteredHistoricalMethod
    | MonteCarloMethod
    | PeaksOverThresholdMethod;
  /** How many periods each forecast is made from; the first forecast is for the next one. */
  window: number;
  /**
   * Forecasts between two fits: parameters are kept, the data of the window are always new.
   * @default 1
   */
  refitEvery?: number;
}

/**
 * How often a loss event comes, and what each one costs, at the level that is known.
 *
 * A node that is given forbids those it would be derived from.
 */
export interface Scenario {
  /** Loss events a year; or else threat events and vulnerability. */
  lossEventFrequencyPerYear?: Distribution | null;
  /** Threat events a year; or else contacts and probability of action. */
  threatEventFrequencyPerYear?: Distribution | null;
  /** Contacts of threat agents with the asset a year. */
  contactFrequencyPerYear?: Distribution | null;
  /** That a contact becomes a threat event. */
  probabilityOfAction?: Distribution | null;
  /** That a threat event becomes a loss event; or else capability and strength. */
  vulnerability?: Distribution | null;
  /** On the scale of `resistanceStrength`: a threat event succeeds where it is the greater. */
  threatCapability?: Distribution | null;
  /** On the scale of `threatCapability`. */
  resistanceStrength?: Distribution | null;
  /**
   * What shares one draw of the vulnerability; needed unless that is a plain number. `scalar`:
   * everything, its mean is used. `perEvent`: each threat event draws anew. `perYear`: all of a year
   * share one, which keeps the mean and fattens the tail.
   */
  vulnerabilityScope?: "scalar" | "perEvent" | "perYear" | null;
  /**
   * How many loss events come at the year's frequency.
   * @default {"model":"poisson"}
   */
  eventCount?: PoissonCount | NegativeBinomialCount | BernoulliCount;
  /** The cost of one loss event, in the request's currency. */
  primaryLoss?: Distribution | null;
  /** Instead of `primaryLoss`: the cost of one loss event by its forms. */
  primaryLossByForm?: LossByForm | null;
  secondaryLoss?: SecondaryLoss | null;
  /**
   * `compound`: every loss event has a loss of its own, and a year adds them up. `product`:
   * frequency times magnitude, each drawn once a year, as pyfair does it: the same mean, another
   * tail; for comparison.
   * @default "compound"
   */
  annualLossModel?: "compound" | "product";
}

/** One scenario compared with the others. */
export interface ScenarioBesideOthers {
  /** Its id. */
  scenario: string;
  /** Of the expected annual loss of all scenarios; null where that is 0. */
  share: number | null;
  /**
   * Exact, its limits those of discretisation; for a product-form scenario over quasi-random
   * years, with 95% intervals.
   */
  annualLoss: AnnualLoss;
  /**
   * The scenarios that are less likely to exceed any amount: whatever one's appetite, they are
   * the smaller risk.
   */
  dominates: readonly string[];
}

/** The expected annual loss of one scenario, exact. */
export interface ScenarioUnderControls {
  /** Its id. */
  scenario: string;
  /** Without controls. */
  before: number;
  /** With all of them. */
  after: number;
}

/** What is sent, when, and when next. */
export interface ScheduleState {
  /** Unique among the tenant's. */
  name: string;
  /** What its jobs are jobs of. */
  task: string;
  /** From one job to the next. */
  everySeconds: number | null;
  /** When a job is sent, on the clocks of the time zone. */
  cron: string | null;
  /** As in the IANA database. */
  timeZone: string;
  /** What becomes of runs that nobody could send in time. */
  missed: Missed;
  /** Of its jobs. */
  priority: Priority;
  /** False while it is paused. */
  enabled: boolean;
  /** When it was made; intervals count from here. */
  createdAt: string;
  /** When it was last changed, paused or resumed. */
  updatedAt: string;
  /** In UTC; none while it is paused. */
  nextRuns: readonly string[];
}

/** What others (customers, regulators) add to some of the loss events. */
export interface SecondaryLoss {
  /**
   * That a loss event has a secondary loss: a number, or what is known of it. Each event draws
   * by itself, so that only its mean matters, but for `annualLossModel` product.
   */
  probability: Distribution;
  /** The cost of one, in the request's currency. */
  loss?: Distribution | null;
  /** Instead of `loss`: the cost of one by its forms, which all come together. */
  lossByForm?: LossByForm | null;
}

/** A tree of the series by the first measure, for a dendrogram and for the heat map. */
export interface SeriesClusters {
  /** The series, those that move together beside each other. */
  order: readonly string[];
  /** What belongs together where the tree is cut at `togetherAt`. */
  groups: readonly (readonly string[])[];
  /** From the nearest to the farthest. */
  merges: readonly ClusterMerge[];
}

/** A schedule, whole. */
export interface ShowScheduleResult {
  schedule: ScheduleState;
  /** Of each of its jobs. */
  request: object;
}

/** Pearson's correlations after Ledoit and Wolf: positive definite however few the rows. */
export interface ShrunkMatrix {
  /** Rows and columns in the order of the request. */
  matrix: readonly (readonly number[])[];
  /** The share of every correlation that was taken for noise. */
  shrinkage: number;
}

/** Scenarios, how they depend on each other, and how closely to look at them. */
export interface SimulatePortfolioRequest {
  /** What it is called, on one line; the title of the pictures. */
  name: string;
  /** ISO 4217, of every amount in the request and the result. */
  currency: string;
  /**
   * How to compute it. `auto` takes the exact answer where there is one, checks it against a
   * short simulation, and says why.
   * @default "auto"
   */
  engine?: "auto" | "analytic" | "monteCarlo" | "copula" | "quasiMonteCarlo";
  /**
   * Simulated years; with `precision`, of the first look.
   * @default 1048576
   */
  trials?: number;
  /** Simulate until an interval is narrow enough. An analytic answer has no such interval. */
  precision?: Precision | null;
  /**
   * The same request gives the same numbers; another seed gives others as good.
   * @default 0
   */
  seed?: number;
  /** The policy over all of it; without one the net loss is the gross loss. */
  insurance?: Insurance | null;
  /** Compared with the net loss. */
  appetite?: RiskAppetite | null;
  /**
   * In per cent of years: 95 asks for the loss that one year in twenty exceeds.
   * @default [5,50,90,95,99]
   */
  percentiles?: readonly number[];
  /**
   * Where to give value at risk and tail value at risk, in per cent of years.
   * @default [95,99]
   */
  tailPercents?: readonly number[];
  /**
   * The most points an exceedance curve may have.
   * @default 120
   */
  curvePoints?: number;
  /**
   * Whether to give the distribution of the year's largest single event as well (OEP).
   * @default false
   */
  largestEvent?: boolean;
  /**
   * Whether to say which scenario and which form of loss the mean and the tail come from.
   * @default false
   */
  contributions?: boolean;
  /**
   * Of the exceedance curve. None is the quickest: drawing takes longer than a million years.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
  /** All amounts are in the request's currency. */
  scenarios: readonly NamedScenario[];
  /** Without one the scenarios are independent. At most 100 scenarios may depend on each other. */
  dependence?: Dependence | null;
}

/** A scenario, and how closely to look at it. */
export interface SimulateScenarioRequest {
  /** What it is called, on one line; the title of the pictures. */
  name: string;
  /** ISO 4217, of every amount in the request and the result. */
  currency: string;
  /**
   * How to compute it. `auto` takes the exact answer where there is one, checks it against a
   * short simulation, and says why.
   * @default "auto"
   */
  engine?: "auto" | "analytic" | "monteCarlo" | "copula" | "quasiMonteCarlo";
  /**
   * Simulated years; with `precision`, of the first look.
   * @default 1048576
   */
  trials?: number;
  /** Simulate until an interval is narrow enough. An analytic answer has no such interval. */
  precision?: Precision | null;
  /**
   * The same request gives the same numbers; another seed gives others as good.
   * @default 0
   */
  seed?: number;
  /** The policy over all of it; without one the net loss is the gross loss. */
  insurance?: Insurance | null;
  /** Compared with the net loss. */
  appetite?: RiskAppetite | null;
  /**
   * In per cent of years: 95 asks for the loss that one year in twenty exceeds.
   * @default [5,50,90,95,99]
   */
  percentiles?: readonly number[];
  /**
   * Where to give value at risk and tail value at risk, in per cent of years.
   * @default [95,99]
   */
  tailPercents?: readonly number[];
  /**
   * The most points an exceedance curve may have.
   * @default 120
   */
  curvePoints?: number;
  /**
   * Whether to give the distribution of the year's largest single event as well (OEP).
   * @default false
   */
  largestEvent?: boolean;
  /**
   * Whether to say which scenario and which form of loss the mean and the tail come from.
   * @default false
   */
  contributions?: boolean;
  /**
   * Of the exceedance curve. None is the quickest: drawing takes longer than a million years.
   * @default ["png"]
   */
  pictures?: readonly ("png" | "svg")[];
  scenario: Scenario;
}

/** An exchange rate: one unit of `base` is worth `rate` units of `quote`. */
export interface StatedRate {
  /** ISO 4217. */
  base: string;
  /** ISO 4217. */
  quote: string;
  /** Used for every year alike. */
  rate: number;
}

/** That of correlated t variables: extreme years come together. */
export interface StudentTCopula {
  copula: "studentT";
  correlation: Correlation;
  /** The fewer, the more the extremes come together. */
  degreesOfFreedom: number;
}

/** Student t losses, location, scale and degrees of freedom by maximum likelihood. */
export interface StudentTMethod {
  kind: "studentT";
}

/** What a part brings to the mean of the worst years of the whole. */
export interface TailContribution {
  /** Of years that are not among the worst. */
  percent: number;
  /** The mean of the part in those years. */
  amount: number;
  /** Of the whole's tail value at risk; null where that is 0. */
  share: number | null;
}

/** What an estimate has to do with bad years, estimated; the limits are 95% intervals. */
export interface TailDriver {
  /** The id of the scenario it belongs to. */
  scenario: string;
  /** Its path in the scenario. */
  node: FairNode;
  /** First-order Sobol index of whether the annual loss exceeds its percentile. */
  first: Estimate;
  /** Total Sobol index of the same. */
  total: Estimate;
  /** Spearman's, of the estimate with the annual loss. */
  rankCorrelation: Estimate;
}

/** Where the tails begin, and which t copula to compare them with. */
export interface TailQuestion {
  /**
   * A quantile: 0.9 takes the highest and the lowest tenth; at least five rows each.
   * @default 0.9
   */
  threshold?: number;
  /**
   * Of the t copula.
   * @default 4
   */
  degreesOfFreedom?: number;
}

/** How bad the bad years are. */
export interface TailRisk {
  /** Of years that are not bad, as asked for. */
  percent: number;
  /** The loss that `percent` per cent of years do not exceed. */
  valueAtRisk: Estimate;
  /** The mean loss of the other years: the expected shortfall. */
  tailValueAtRisk: Estimate;
}

/** How often the second of a pair is in its tail when the first is, with its 95% interval. */
export interface TailShare {
  /** As counted. */
  value: number;
  /** Lower limit. */
  lower: number;
  /** Upper limit. */
  upper: number;
}

/** A smallest, a most likely and a largest value. */
export interface ThreePoints {
  given: "threePoints";
  /** The smallest. */
  low: number;
  /** From `low` to `high`. */
  mode: number;
  /** More than `low`. */
  high: number;
}

/** A point of the risk appetite curve. */
export interface ToleratedLoss {
  /** In the request's currency. */
  annualLoss: number;
  /** The greatest with which a year may cost more. */
  probability: number;
}

/** How a point of the risk appetite curve is kept. */
export interface ToleratedLossVerdict {
  /** Of the point. */
  annualLoss: number;
  /** The probability of the point. */
  tolerated: number;
  /** That a year costs more. */
  probabilityOfExceeding: Estimate;
  /** Whether that is more than tolerated. */
  isBreached: boolean;
  /** Whether all of the interval says so: false means that more trials might turn it. */
  isCertain: boolean;
}

/** How far the annual loss moves with each estimate. */
export interface Tornado {
  /** The percentile of the annual loss that moves; null for the expected annual loss. */
  percent: number | null;
  /** The annual loss with every estimate as uncertain as it is. */
  base: number;
  /** The widest first; of estimates that are uncertain. */
  swings: readonly DriverSwing[];
}

/** A smallest, a most likely and a largest value, joined by straight lines. */
export interface Triangular {
  distribution: "triangular";
  /** The smallest value. */
  low: number;
  /** The most likely value, from `low` to `high`. */
  mode: number;
  /** More than `low`. */
  high: number;
}

/** Two bounds, and nothing known between them. */
export interface Uniform {
  distribution: "uniform";
  /** The smallest value. */
  low: number;
  /** More than `low`. */
  high: number;
}

/**
 * Sobol indices of an estimate, exact: its part in the variance of the annual loss.
 *
 * The annual loss here is the product form with every estimate drawn once a year, as if it were
 * one unknown number: frequency times vulnerability times loss, summed over the scenarios.
 */
export interface VarianceDriver {
  /** The id of the scenario it belongs to. */
  scenario: string;
  /** Its path in the scenario. */
  node: FairNode;
  /** First-order index: the part of the variance that would go if the estimate were known. */
  first: number;
  /** Total index: the part that would stay if everything else were known. */
  total: number;
}

/** Any of them in a result, where a constant is not written as a number. */
export type WrittenDistribution =
  | Constant
  | Pert
  | Triangular
  | Uniform
  | Normal
  | Lognormal
  | Gamma
  | Beta
  | Poisson
  | NegativeBinomial
  | Binomial
  | GeneralisedPareto
  | Empirical;

/** The rate for money at one date; the date is given, or how far off it is. */
export interface ZeroRate {
  /** Null when there is a tenor. */
  date?: string | null;
  /** Months or years from the valuation date, `18M` or `5Y`; null when there is a date. */
  tenor?: string | null;
  /** A year: 0.05 is five per cent. */
  rate: number;
}

/** Rates by how far off the money is; before the first they are that of the first. */
export interface ZeroRates {
  /**
   * Whether interest earns interest: never, at every period's end, at every instant.
   * @default "compounded"
   */
  compounding?: "simple" | "compounded" | "continuous";
  /**
   * Of compounding; of no meaning to simple and continuous rates.
   * @default "annual"
   */
  frequency?: "annual" | "semiannual" | "quarterly" | "monthly";
  /**
   * How the years between two dates are counted.
   * @default "actual365Fixed"
   */
  dayCount?: "actual365Fixed" | "actual360" | "thirty360" | "actualActual";
  curve: "zeroRates";
  /** Ascending by date, after the valuation date. */
  points: readonly ZeroRate[];
  /**
   * Of the continuously compounded rate in time.
   * @default "linear"
   */
  interpolation?: "linear" | "monotonicCubic";
}
