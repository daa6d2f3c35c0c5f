// A solver in a worker. The newest question wins: what was asked in between is left out, and an answer that nobody
// waits for any more is given up where it takes long.

const PATIENCE = 400; // milliseconds that an outdated question may run on

export class Solver {
  // script: the address of the worker's script; tell({asked | progress | answer | refused}, question).
  constructor(script, module, tell) {
    this.script = script;
    this.module = module;
    this.tell = tell;
    this.running = this.waiting = null;
    this.count = 0;
  }
  ask(question) {
    this.waiting = { ...question, id: ++this.count };
    if (!this.running) return this.next();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.worker.terminate();
      this.worker = null;
      this.next();
    }, Math.max(0, this.begin + PATIENCE - performance.now()));
  }
  next() {
    clearTimeout(this.timer);
    this.running = this.waiting;
    this.waiting = null;
    if (!this.running) return;
    if (!this.worker) {
      this.worker = new Worker(this.script);
      this.worker.onmessage = ({ data }) => this.hear(data);
      this.worker.onerror = (event) => this.hear({ id: this.running?.id, refused: event.message || "the worker did not start" });
    }
    this.begin = performance.now();
    this.tell({ asked: true }, this.running);
    this.worker.postMessage({ module: this.module, question: this.running });
  }
  hear({ id, progress, answer, refused }) {
    if (id !== this.running?.id) return;
    const question = this.running;
    if (progress) return this.tell({ progress }, question);
    this.running = null;
    // An answer that is there is shown, even where a newer question waits: while the slider moves the picture does.
    this.tell({ answer, refused, wall: (performance.now() - this.begin) / 1000 }, question);
    this.next();
  }
}
