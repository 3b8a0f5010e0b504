import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestRefused } from "@riskfleet/client";
import { canonical } from "../src/canonical.js";

function refusedFields(request: unknown): string[] {
  try {
    canonical(request);
  } catch (error) {
    assert(error instanceof RequestRefused);
    return error.fields.map(({ field, received }) => `${field}: ${received}`);
  }
  return [];
}

function nested(levels: number): unknown {
  return levels === 0 ? null : [nested(levels - 1)];
}

test("keys are sorted by UTF-16 code unit and nothing is spaced", () => {
  assert.equal(
    canonical({ b: [1, { d: null, c: true }], "\ufb33": 1, "😀": 2, a: "ü" }),
    '{"a":"ü","b":[1,{"c":true,"d":null}],"😀":2,"\ufb33":1}',
  );
});

test("the examples of RFC 8785 are written as it says", () => {
  assert.equal(
    canonical({ numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0] }),
    '{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0]}',
  );
});

test("what JSON would drop, change or refuse is refused with its path", () => {
  const request = {
    nan: NaN,
    endless: [1, -Infinity],
    absent: { deep: undefined },
    big: 1n,
    call: () => 1,
    when: new Date(0),
    table: new Map(),
    half: "\ud83d",
    sparse: new Array(1),
  };

  assert.deepEqual(refusedFields(request).sort(), [
    "absent.deep: undefined",
    "big: bigint",
    "call: function",
    "endless.1: -Infinity",
    "half: half of a surrogate pair",
    "nan: NaN",
    "sparse.0: undefined",
    "table: Map",
    "when: Date",
  ]);
});

test("a request that is no object at all is refused as a whole", () => {
  assert.deepEqual(refusedFields(undefined), ["request: undefined"]);
});

test("a request may nest as deep as the fleet reads, and a circle is too deep", () => {
  const circle: Record<string, unknown> = {};
  circle["again"] = circle;

  assert.deepEqual(refusedFields(nested(62)), []);
  assert.equal(refusedFields(nested(63)).length, 1);
  assert.equal(refusedFields(circle).length, 1);
});
