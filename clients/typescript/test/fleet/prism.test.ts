import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { connect } from "./fleet.js";

const fleet = connect();

/** Reads an example of the repository: what a user would send. */
async function example<Request>(name: string): Promise<Request> {
  const path = new URL(`../../../../../examples/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(path, "utf8")) as Request;
}

const near = (actual: number, expected: number, relative = 1e-6) =>
  assert(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not ${expected}`,
  );

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

test("a scenario is answered exactly, and checked", async () => {
  const job = await fleet.prism.simulateScenario(await example("ransomware"));
  const { engine, gross, limits, pictures } = await job.result();

  assert.equal(engine.name, "analytic");
  assert(engine.crossCheck!.largestDeviation < 5);
  assert.equal(limits, "discretisation");
  near(gross.mean.value, 419_851.008, 1e-8);
  assert.deepEqual(
    pictures.map(({ mediaType }) => mediaType),
    ["image/png"],
  );
});

test("a portfolio is joined, insured and split into its parts", async () => {
  const job = await fleet.prism.simulatePortfolio(await example("simulate_portfolio"));
  const { engine, gross, ceded, net, byScenario } = await job.result();

  assert.equal(engine.name, "copula");
  near(ceded!.mean.value + net!.mean.value, gross.mean.value);
  near(sum(byScenario.map(({ mean }) => mean)), gross.mean.value);
  gross.tailRisk.forEach(({ tailValueAtRisk }, level) =>
    near(sum(byScenario.map(({ tail }) => tail[level]!.amount)), tailValueAtRisk.value),
  );
});

test("controls are compared, and the best are bought", async () => {
  const job = await fleet.prism.compareControls(await example("compare_controls"));
  const { expectedLossBefore, controls, ranking } = await job.result();
  const ranked = ranking.order.map(({ control }) => control);

  assert(expectedLossBefore > ranking.best.expectedLoss);
  assert.deepEqual(new Set(ranked), new Set(controls.flatMap((outcome) => outcome.controls)));
});

test("drivers are ranked by how far they swing", async () => {
  const job = await fleet.prism.rankDrivers(await example("rank_drivers"));
  const { tornado } = await job.result();
  const widths = tornado.swings.map(({ lossAtLow, lossAtHigh }) =>
    Math.abs(lossAtHigh - lossAtLow),
  );

  assert(widths.length > 1);
  assert.deepEqual(
    widths,
    widths.toSorted((a, b) => b - a),
  );
});

test("a distribution is fitted, and can be sent back as a leaf of a scenario", async () => {
  const fit = await fleet.prism.fitDistribution(await example("fit_distribution"));
  const { best, candidates } = await fit.result();
  const job = await fleet.prism.simulateScenario({
    name: "fitted",
    currency: "EUR",
    scenario: { lossEventFrequencyPerYear: 1, primaryLoss: best },
    pictures: [],
  });

  near((await job.result()).gross.mean.value, candidates[0]!.mean);
});

test("value at risk is measured", async () => {
  const job = await fleet.prism.measureValueAtRisk(await example("measure_value_at_risk"));
  const { levels } = await job.result();

  for (const { valueAtRisk, expectedShortfall } of levels)
    assert(expectedShortfall!.value >= valueAtRisk.value);
});

test("value at risk is backtested", async () => {
  const job = await fleet.prism.backtestValueAtRisk(await example("backtest_value_at_risk"));
  const { breaches, trafficLight } = await job.result();

  assert.equal(trafficLight.breaches, breaches);
  assert.equal(trafficLight.zone, "yellow");
  assert.equal(trafficLight.plusFactor, 0.5);
});

test("correlations are analysed", async () => {
  const job = await fleet.prism.analyseCorrelation(await example("analyse_correlation"));
  const { series, correlations, clusters } = await job.result();

  assert.deepEqual(new Set(clusters.order), new Set(series));
  for (const { matrix } of correlations)
    matrix.forEach((row, i) => row.forEach((value, j) => near(value, matrix[j]![i]!)));
});

test("financial impact is projected", async () => {
  const job = await fleet.prism.projectFinancialImpact(await example("project_financial_impact"));
  const { together } = await job.result();

  near(together.netPresentValue, together.lossesBefore - together.lossesAfter - together.costs);
});

test("contradicting correlations are refused with their smallest eigenvalue", async () => {
  const request =
    await example<Parameters<typeof fleet.prism.simulatePortfolio>[0]>("simulate_portfolio");
  const matrix = [
    [1, 0.9, -0.9],
    [0.9, 1, 0.9],
    [-0.9, 0.9, 1],
  ];
  const copula = { copula: "gaussian", correlation: { matrix, measure: "pearson" } } as const;
  const job = await fleet.prism.simulatePortfolio({ ...request, dependence: { copula } });

  await assert.rejects(job.result(), /dependence\.copula\.correlation\.matrix.*eigenvalue/);
});
