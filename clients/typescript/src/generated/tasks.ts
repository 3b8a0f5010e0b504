// Generated from clients/contract and queues/submit.lua by `npm run generate`.

import type { Job } from "../job.js";
import type { SubmitOptions } from "../options.js";
import type {
  AnalyseCorrelationRequest,
  AnalyseCorrelationResult,
  AnnualLossResult,
  BacktestValueAtRiskRequest,
  BacktestValueAtRiskResult,
  CompareControlsRequest,
  CompareControlsResult,
  EchoRequest,
  EchoResult,
  FitDistributionRequest,
  FitDistributionResult,
  ListSchedulesRequest,
  ListSchedulesResult,
  MeasureValueAtRiskRequest,
  MeasureValueAtRiskResult,
  NamedSchedule,
  ProjectFinancialImpactRequest,
  ProjectFinancialImpactResult,
  PutScheduleRequest,
  RankDriversRequest,
  RankDriversResult,
  RemoveScheduleResult,
  ScheduleState,
  ShowScheduleResult,
  SimulatePortfolioRequest,
  SimulateScenarioRequest,
} from "./payloads.js";

/** What each task takes and gives. */
export interface TaskTypes {
  "fleet.echo": { request: EchoRequest; result: EchoResult };
  "fleet.list_schedules": { request: ListSchedulesRequest; result: ListSchedulesResult };
  "fleet.pause_schedule": { request: NamedSchedule; result: ScheduleState };
  "fleet.put_schedule": { request: PutScheduleRequest; result: ScheduleState };
  "fleet.remove_schedule": { request: NamedSchedule; result: RemoveScheduleResult };
  "fleet.resume_schedule": { request: NamedSchedule; result: ScheduleState };
  "fleet.show_schedule": { request: NamedSchedule; result: ShowScheduleResult };
  "prism.analyse_correlation": {
    request: AnalyseCorrelationRequest;
    result: AnalyseCorrelationResult;
  };
  "prism.backtest_value_at_risk": {
    request: BacktestValueAtRiskRequest;
    result: BacktestValueAtRiskResult;
  };
  "prism.compare_controls": { request: CompareControlsRequest; result: CompareControlsResult };
  "prism.fit_distribution": { request: FitDistributionRequest; result: FitDistributionResult };
  "prism.measure_value_at_risk": {
    request: MeasureValueAtRiskRequest;
    result: MeasureValueAtRiskResult;
  };
  "prism.project_financial_impact": {
    request: ProjectFinancialImpactRequest;
    result: ProjectFinancialImpactResult;
  };
  "prism.rank_drivers": { request: RankDriversRequest; result: RankDriversResult };
  "prism.simulate_portfolio": { request: SimulatePortfolioRequest; result: AnnualLossResult };
  "prism.simulate_scenario": { request: SimulateScenarioRequest; result: AnnualLossResult };
}

/** The terms each task runs under. */
export const TASKS = {
  "fleet.echo": { queue: "cpu", schemaHash: "0942f4cbd90491c4", maxRequestBytes: 1048576 },
  "fleet.list_schedules": {
    queue: "cpu",
    schemaHash: "2c13e9bdf7dfaca7",
    maxRequestBytes: 1048576,
  },
  "fleet.pause_schedule": {
    queue: "cpu",
    schemaHash: "d88492dbe579c9cd",
    maxRequestBytes: 1048576,
  },
  "fleet.put_schedule": { queue: "cpu", schemaHash: "9b8e7bb5cf6b4321", maxRequestBytes: 262144 },
  "fleet.remove_schedule": {
    queue: "cpu",
    schemaHash: "7e847c74f44c3a30",
    maxRequestBytes: 1048576,
  },
  "fleet.resume_schedule": {
    queue: "cpu",
    schemaHash: "d88492dbe579c9cd",
    maxRequestBytes: 1048576,
  },
  "fleet.show_schedule": { queue: "cpu", schemaHash: "594eb81f1d3dbf39", maxRequestBytes: 1048576 },
  "prism.analyse_correlation": {
    queue: "cpu",
    schemaHash: "9aeba01a7dc2ccd1",
    maxRequestBytes: 1048576,
  },
  "prism.backtest_value_at_risk": {
    queue: "cpu",
    schemaHash: "7e0b7dbec3e8635a",
    maxRequestBytes: 1048576,
  },
  "prism.compare_controls": {
    queue: "cpu",
    schemaHash: "457171b6e5189983",
    maxRequestBytes: 1048576,
  },
  "prism.fit_distribution": {
    queue: "cpu",
    schemaHash: "d2e0fc962558f2b9",
    maxRequestBytes: 1048576,
  },
  "prism.measure_value_at_risk": {
    queue: "cpu",
    schemaHash: "b487078a98e51c10",
    maxRequestBytes: 1048576,
  },
  "prism.project_financial_impact": {
    queue: "cpu",
    schemaHash: "babc314f9ac4862b",
    maxRequestBytes: 1048576,
  },
  "prism.rank_drivers": { queue: "cpu", schemaHash: "35f0be8a4394a0df", maxRequestBytes: 1048576 },
  "prism.simulate_portfolio": {
    queue: "cpu",
    schemaHash: "6d62babd4f7bf789",
    maxRequestBytes: 1048576,
  },
  "prism.simulate_scenario": {
    queue: "cpu",
    schemaHash: "e2f50af81b3c1d20",
    maxRequestBytes: 1048576,
  },
} as const;

/** One method for each task, grouped by domain. */
export abstract class TaskMethods {
  abstract submit<Name extends keyof TaskTypes>(
    task: Name,
    request: TaskTypes[Name]["request"],
    options?: SubmitOptions<TaskTypes[Name]["result"]>,
  ): Promise<Job<TaskTypes[Name]["result"]>>;

  readonly fleet = {
    /** Sleep, compute, allocate or fail on request, then give the message back. */
    echo: (request: EchoRequest, options?: SubmitOptions<EchoResult>) =>
      this.submit("fleet.echo", request, options),

    /** List the schedules of a tenant. */
    listSchedules: (request: ListSchedulesRequest, options?: SubmitOptions<ListSchedulesResult>) =>
      this.submit("fleet.list_schedules", request, options),

    /** Stop sending the jobs of a schedule, and keep it. */
    pauseSchedule: (request: NamedSchedule, options?: SubmitOptions<ScheduleState>) =>
      this.submit("fleet.pause_schedule", request, options),

    /** Have a job sent every so often, or by a cron expression; make or change its schedule. */
    putSchedule: (request: PutScheduleRequest, options?: SubmitOptions<ScheduleState>) =>
      this.submit("fleet.put_schedule", request, options),

    /** Forget a schedule; jobs that it has sent go on. */
    removeSchedule: (request: NamedSchedule, options?: SubmitOptions<RemoveScheduleResult>) =>
      this.submit("fleet.remove_schedule", request, options),

    /** Go on with a paused schedule; what was due meanwhile is not sent. */
    resumeSchedule: (request: NamedSchedule, options?: SubmitOptions<ScheduleState>) =>
      this.submit("fleet.resume_schedule", request, options),

    /** Give a schedule with the request that it sends. */
    showSchedule: (request: NamedSchedule, options?: SubmitOptions<ShowScheduleResult>) =>
      this.submit("fleet.show_schedule", request, options),
  };

  readonly prism = {
    /** Analyse how series of observations have moved together. */
    analyseCorrelation: (
      request: AnalyseCorrelationRequest,
      options?: SubmitOptions<AnalyseCorrelationResult>,
    ) => this.submit("prism.analyse_correlation", request, options),

    /** Test forecasts of value at risk and expected shortfall against the returns that came. */
    backtestValueAtRisk: (
      request: BacktestValueAtRiskRequest,
      options?: SubmitOptions<BacktestValueAtRiskResult>,
    ) => this.submit("prism.backtest_value_at_risk", request, options),

    /** Compare losses before and after controls, with their return and the best for a budget. */
    compareControls: (
      request: CompareControlsRequest,
      options?: SubmitOptions<CompareControlsResult>,
    ) => this.submit("prism.compare_controls", request, options),

    /** Find the distribution behind an expert's estimate, or behind data. */
    fitDistribution: (
      request: FitDistributionRequest,
      options?: SubmitOptions<FitDistributionResult>,
    ) => this.submit("prism.fit_distribution", request, options),

    /** Measure the value at risk and expected shortfall of positions from their returns. */
    measureValueAtRisk: (
      request: MeasureValueAtRiskRequest,
      options?: SubmitOptions<MeasureValueAtRiskResult>,
    ) => this.submit("prism.measure_value_at_risk", request, options),

    /** Project what losses and controls come to over several years, in today's money. */
    projectFinancialImpact: (
      request: ProjectFinancialImpactRequest,
      options?: SubmitOptions<ProjectFinancialImpactResult>,
    ) => this.submit("prism.project_financial_impact", request, options),

    /** Rank the estimates in scenarios by what the annual loss depends on, and compare scenarios. */
    rankDrivers: (request: RankDriversRequest, options?: SubmitOptions<RankDriversResult>) =>
      this.submit("prism.rank_drivers", request, options),

    /** Compute what loss scenarios may cost in a year together, dependent on each other or not. */
    simulatePortfolio: (
      request: SimulatePortfolioRequest,
      options?: SubmitOptions<AnnualLossResult>,
    ) => this.submit("prism.simulate_portfolio", request, options),

    /** Compute what a FAIR loss scenario may cost in a year, exactly or by simulation. */
    simulateScenario: (
      request: SimulateScenarioRequest,
      options?: SubmitOptions<AnnualLossResult>,
    ) => this.submit("prism.simulate_scenario", request, options),
  };
}
