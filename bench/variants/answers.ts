/** What every variant answers, whatever it is built on: checked before anything is measured. */
export const answers = {
  root: 'Hello from the bench.\n',
  healthz: 'Monitoring endpoint invoked!',
  failure: 'Internal Server Error',
  plainText: 'text/plain; charset=utf-8',
  json: 'application/json',
} as const

/** The body of `GET /stream`, in the pieces in which it leaves. */
export const streamChunks: readonly string[] = Array.from(
  { length: 8 },
  (_, index) => `${index} ${'.'.repeat(253)}\n`,
)

export interface Order {
  customer: string
  items: { sku: string; quantity: number }[]
}

/** `POST /echo`. */
export function receiptOf({ customer, items }: Order): { customer: string; items: number } {
  return { customer, items: items.length }
}

/** The lines that `GET /busy` logs. */
export const busyLines = ['Looking the order up.', 'Asking the warehouse.', 'The order is ready.']

export class MadeToFail extends Error {
  override name = 'MadeToFail'

  constructor() {
    super('This request was made to fail.')
  }
}
