import { readFile } from 'node:fs/promises'

/** The password that the service was given. */
export interface DatabasePassword {
  /** Undefined if none was. */
  read(): Promise<string | undefined>
}

/** From the variable, or from the file, which is read each time: a secret that is exchanged counts at once. */
export function databasePassword({
  value,
  file,
}: {
  value: string | undefined
  file: string | undefined
}): DatabasePassword {
  return {
    async read() {
      const text = file === undefined ? value : await contentOf(file)
      // Whoever writes a secret with `echo` writes a newline, too.
      const password = text?.replace(/\r?\n$/, '')
      return password === '' ? undefined : password
    },
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
