// Runs the program of this folder, compiled to WebAssembly: prints what it reports, then how long a
// prediction and a step take. `run_wasm.sh` calls it: `node wasm.mjs PROGRAM report|times`.

import { readFile } from "node:fs/promises";

const [program, what] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(program));
const { memory, report_length, report_text, predict, step } = instance.exports;

const bytes = new Uint8Array(memory.buffer, report_text(), report_length());
if (what === "report") process.stdout.write(new TextDecoder().decode(bytes));
else {
    time("predict", predict, 50);
    time("step", step, 5);
}

function time(name, call, calls) {
    let least = Infinity;
    for (let round = 0; round < 500; round++) {
        const start = performance.now();
        call(calls);
        least = Math.min(least, ((performance.now() - start) * 1e3) / calls);
    }
    console.log(`${name} ${least.toFixed(2)} µs`);
}
