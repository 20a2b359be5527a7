// The package has no types for this entry.
declare module 'import-in-the-middle/register-hooks.mjs' {
  export function register(options: { include: (string | RegExp)[] }): void
}
