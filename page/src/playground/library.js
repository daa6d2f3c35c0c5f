// The library as a WebAssembly module (wasm/playground.cpp): its imports, its memory, and its functions with arrays in
// place of pointers. Runs in the page, in its workers and in Node.js.

// What the library refuses, in its own words. The instance has ended with it.
export class Refusal extends Error {}

export class Library {
  // module: a compiled one; onProgress({phase, iteration, epsilon, source, target, gap, fraction, seconds}).
  static async of(module, onProgress = () => {}) {
    const library = new Library();
    let refusal = null;
    const word = (value) => (Number.isNaN(value) ? null : value);
    const page = {
      refuse: (message) => (refusal = library.text(message)),
      progress: (phase, iteration, epsilon, source, target, gap, fraction, seconds) =>
        onProgress({ phase: library.text(phase), iteration, epsilon: word(epsilon), source: word(source), target: word(target), gap: word(gap), fraction, seconds }),
    };
    // Of the system the C library is given a clock; no environment, no files (8: no such descriptor), no way out but an error.
    const none = () => 8, system = {
      environ_get: () => 0,
      clock_time_get: (clock, precision, out) => (library.view.setBigUint64(out, BigInt(Math.round(1e6 * performance.now())), true), 0),
      environ_sizes_get: (count, size) => (library.view.setUint32(count, 0, true), library.view.setUint32(size, 0, true), 0),
      proc_exit: (code) => {
        throw new Refusal(`the module ended with code ${code}`);
      },
    };
    const imports = { page, wasi_snapshot_preview1: new Proxy(system, { get: (known, name) => known[name] ?? none }) };
    const instance = await WebAssembly.instantiate(module, imports);
    library.calls = instance.exports;
    library.guarded = (call) => {
      try {
        return call();
      } catch (error) {
        if (refusal !== null) throw new Refusal(refusal);
        // A trap without a message: the memory of the page has come to its end.
        throw error instanceof WebAssembly.RuntimeError ? new Refusal(`the module stopped (${error.message}): out of memory, or a fault of its own`) : error;
      }
    };
    library.calls._initialize();
    return library;
  }

  get view() {
    return new DataView(this.calls.memory.buffer);
  }
  text(pointer) {
    const bytes = new Uint8Array(this.calls.memory.buffer);
    return new TextDecoder().decode(bytes.slice(pointer, bytes.indexOf(0, pointer)));
  }
  // Calls with arrays copied in and freed again.
  with(arrays, call) {
    const pointers = arrays.map((values) => {
      const pointer = this.calls.malloc(Math.max(1, values.byteLength));
      new Uint8Array(this.calls.memory.buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), pointer);
      return pointer;
    });
    const result = this.guarded(() => call(...pointers));
    pointers.forEach((pointer) => this.calls.free(pointer));
    return result;
  }
  // What a call writes: an array of that kind and length.
  written(Kind, length, call) {
    const pointer = this.calls.malloc(Math.max(1, length * Kind.BYTES_PER_ELEMENT));
    this.guarded(() => call(pointer));
    const values = new Kind(this.calls.memory.buffer, pointer, length).slice();
    this.calls.free(pointer);
    return values;
  }

  toys() {
    return this.text(this.guarded(() => this.calls.toys())).trim().split("\n");
  }
  // The points that the command line draws for a toy on that side, n x 2.
  draw(toy, side, seed, n) {
    const name = new TextEncoder().encode(`${toy}\0`);
    return this.with([name], (text) => this.written(Float64Array, 2 * n, (out) => this.calls.draw(text, side === "target" ? 1 : 0, seed, n, out)));
  }
  // E|x - y|^2 / 2 under the product of the clouds.
  unit(x, y) {
    return this.with([x, y], (px, py) => this.calls.unit(px, x.length / 2, py, y.length / 2));
  }
  // Of two clouds: the report by the names of the command line's, the map, one partner for each source point, the flows
  // where `few` or fewer entries of the plan are there to be drawn, and the bridge at `times` even times.
  solve({ solver, x, y, epsilon, tolerance, seed, times, few }) {
    const n = x.length / 2, m = y.length / 2;
    const answer = this.with([x, y], (px, py) => this.calls.solve(solver === "exact" ? 1 : 0, px, n, py, m, epsilon, tolerance, seed));
    const { calls } = this;
    const found = {
      report: JSON.parse(this.text(calls.report(answer))),
      map: this.written(Float64Array, 2 * n, (out) => calls.map(answer, out)),
      partners: this.written(Int32Array, n, (out) => calls.partners(answer, seed, out)),
      flows: null,
      paths: this.written(Float64Array, 2 * n * times, (out) => calls.paths(answer, seed, times, out)),
    };
    if (n * m <= few) {
      const count = calls.count_flows(answer, 0);
      found.flows = this.written(Float64Array, 3 * count, (out) => calls.flows(answer, out));
    }
    calls.drop(answer);
    return found;
  }
}
