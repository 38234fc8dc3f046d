import * as tf from '@tensorflow/tfjs';
import { expectNotNegative, expectPositive } from '../core/errors';
import { copyOnHost, hostFloats, type HostParams } from '../core/host-tensor';
import { filterRecord, mapRecord, scopeRecord, unscopeRecord } from '../core/params';
import type { Guard } from './guard';
import { pullBack, remember, rememberedShapes } from './pull-back';

export interface SynapticIntelligenceOptions {
  /** c: how much it counts beside the new task's loss. */
  readonly strength: number;
  /** ξ: keeps the importance of a parameter that hardly moved finite. @default 0.1 */
  readonly damping?: number;
}

/**
 * Synaptic intelligence: each shared parameter is pulled to where the last task left it, by how much its way through the
 * finished tasks lowered their losses,
 *
 *     c · Σᵢ Ωᵢ (θᵢ − θᵢ*)²,   Ωᵢ ← Ωᵢ + max(0, ωᵢ) / ((θᵢ at the end − θᵢ at the start)² + ξ),   ωᵢ = −Σ over steps gᵢ Δθᵢ
 *
 * where g is the gradient of the task's loss alone. Costs one pass over the parameters a step.
 *
 * Source: Zenke, Poole, Ganguli, "Continual Learning Through Synaptic Intelligence", 2017 (arXiv 1703.04200), equations 4 and 5.
 *
 * @throws RangeError for an option out of range
 */
export function synapticIntelligence({ strength, damping = 0.1 }: SynapticIntelligenceOptions): Guard {
  expectNotNegative('synapticIntelligence: strength', strength);
  expectPositive('synapticIntelligence: damping', damping);
  return {
    name: 'synaptic intelligence',
    begin: (shared) => ({ ...scopeRecord(copyOnHost(shared), 'anchor'), ...scopeRecord(zeros(shared), 'path') }),
    remind(memory) {
      const seen = filterRecord(memory, (name) => !name.startsWith('path/'));
      return Object.keys(seen).some((name) => name.startsWith('importance/')) ? seen : undefined;
    },
    penalty: (_setting, shared, reminder) => tf.mul(pullBack(shared, reminder), strength),
    follow(memory, { gradients, before, after }) {
      for (const [name, { values: slope }] of Object.entries(gradients)) {
        const path = memory[`path/${name}`]!.values;
        const [from, to] = [before[name]!.values, after[name]!.values];
        for (let i = 0; i < path.length; i++) path[i]! -= slope[i]! * (to[i]! - from[i]!);
      }
    },
    async finish(memory, { shared }) {
      const [old, start, path] = ['importance', 'anchor', 'path'].map((scope) => unscopeRecord(memory, scope)) as [HostParams, HostParams, HostParams];
      const importance = mapRecord(shared, ({ values, shape }, name) => {
        const [from, gained] = [start[name]!.values, path[name]!.values];
        const share = (index: number) => Math.max(0, gained[index]!) / ((values[index]! - from[index]!) ** 2 + damping);
        return hostFloats(values.map((_, index) => (old[name]?.values[index] ?? 0) + share(index)), shape);
      });
      return Promise.resolve({ ...remember(importance, copyOnHost(shared)), ...scopeRecord(zeros(shared), 'path') });
    },
    shapes: (_memory, beside) => ({ ...scopeRecord(beside.shared, 'anchor'), ...scopeRecord(beside.shared, 'path'), ...rememberedShapes(beside) }),
  };
}

function zeros(params: HostParams): HostParams {
  return mapRecord(params, ({ values, shape }) => hostFloats(new Float32Array(values.length), shape));
}
