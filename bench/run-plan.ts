import type { Step } from './plan.ts'

/**
 * One step after the other, telling before each how far it is and how long all will take. A step that fails leaves a gap,
 * not nothing; gives those that failed.
 */
export async function runPlan(
  steps: readonly Step[],
  tell: (text: string) => void,
): Promise<Step[]> {
  const begun = performance.now()
  const failed: Step[] = []
  tell(`${steps.length} steps, about ${clock(sumOf(steps))}`)
  for (const [index, step] of steps.entries()) {
    const elapsed = (performance.now() - begun) / 1000
    const total = elapsed + sumOf(steps.slice(index))
    tell(`[${index + 1}/${steps.length}] ${clock(elapsed)} of about ${clock(total)}  ${step.label}`)
    try {
      await step.run()
    } catch (error) {
      failed.push(step)
      tell(`FAILED: ${step.label}: ${String(error)}`)
    }
  }
  tell(`done after ${clock((performance.now() - begun) / 1000)}`)
  return failed
}

function sumOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Minutes and seconds. */
function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
