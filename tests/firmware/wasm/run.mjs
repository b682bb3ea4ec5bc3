// The module's host: clock, timer, output, and the event loop. Once with a clock that goes on
// only when all sleep, and once with that of the machine. Exits with 0 if all was right.
import { readFileSync } from "node:fs";
import { setTimeout as timeout } from "node:timers/promises";

const bytes = readFileSync(process.argv[2]);
const text = new TextDecoder();

/** Sleepers wake in order, and nobody waits for them. */
class ManualTime {
  #now = 0;
  #sleepers = [];
  exact = 1;
  now = () => this.#now;
  sleep = (sleeper, milliseconds) => void this.#sleepers.push([this.#now + milliseconds, sleeper]);
  next = async () => {
    this.#sleepers.sort(([one], [other]) => one - other);
    const [until, sleeper] = this.#sleepers.shift() ?? [];
    this.#now = Math.max(this.#now, until ?? 0);
    return sleeper;
  };
}

class RealTime {
  #sleepers = [];
  exact = 0;
  now = () => performance.now();
  sleep = (sleeper, milliseconds) =>
    void this.#sleepers.push(timeout(milliseconds).then(() => sleeper));
  next = async () => {
    const all = this.#sleepers.map((sleeper, at) => sleeper.then((woken) => [at, woken]));
    if (all.length === 0) return undefined;
    const [at, woken] = await Promise.race(all);
    this.#sleepers.splice(at, 1);
    return woken;
  };
}

async function run(time) {
  let awake = true;
  const host = {
    now: time.now,
    sleep: time.sleep,
    wake: () => void (awake = true),
    write_line: (at, length) =>
      console.log(text.decode(new Uint8Array(module.memory.buffer, at, length))),
  };
  const { exports: module } = (await WebAssembly.instantiate(bytes, { host })).instance;
  if (module.scenes() !== 1) return false;
  for (;;) {
    while (awake) {
      awake = false;
      const result = module.turn(time.exact);
      if (result !== 0) return result === 1;
    }
    const sleeper = await time.next();
    // Nobody sleeps, and nobody was woken: a wake was lost.
    if (sleeper === undefined) return false;
    module.fire(sleeper);
  }
}

let right = true;
for (const time of [new ManualTime(), new RealTime()]) right &&= await run(time);
console.log(`wasm32: ${right ? "PASS" : "FAIL"}, a module of ${bytes.length} bytes`);
process.exitCode = right ? 0 : 1;
