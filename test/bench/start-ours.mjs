/** From nothing to a task adapted: imports the built library, takes one gradient step on ten points, says what it cost. */
import { maml, metaTrainer, mlp, sinusoids } from '../../dist/index.mjs';

const trainer = await metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }));
const x = Float32Array.from({ length: 10 }, (_, index) => index - 4.5);
await trainer.adapt({ x, y: x.map((value) => Math.sin(value)) }, { steps: 1 });
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024 }));
process.exit(0); // back-ends may keep threads
