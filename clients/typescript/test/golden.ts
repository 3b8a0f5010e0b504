import { readFileSync } from "node:fs";

/** Reads one of the contract's files of examples. Tests run in the package's folder. */
export function golden<Case>(name: string): Case[] {
  return JSON.parse(readFileSync(`../contract/golden/${name}.json`, "utf8")) as Case[];
}
