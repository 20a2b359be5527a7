import { existsSync, readdirSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The names of all packages in the `node_modules` of this folder and those above, also of those that lie inside
 * another package because it needs a version of its own.
 */
export function installedPackages(folder: string): Set<string> {
  const names = new Set<string>()
  for (let place = folder; ; place = dirname(place)) {
    addPackages(names, join(place, 'node_modules'), '')
    if (place === dirname(place)) return names
  }
}

/** @param scope empty, or with its slash: `@redis/` */
function addPackages(names: Set<string>, folder: string, scope: string): void {
  for (const entry of entriesOf(folder)) {
    const { name } = entry
    // `join` would be most of the walk: it is not compiled yet when the process starts.
    const inner = `${folder}/${name}`
    if (name === '.pnpm') {
      for (const store of entriesOf(inner)) {
        addPackages(names, `${inner}/${store.name}/node_modules`, '')
      }
    } else if (name.startsWith('@')) {
      addPackages(names, inner, `${name}/`)
    } else if (!name.startsWith('.')) {
      names.add(scope + name)
      // A link leads to a workspace or into pnpm's store, and perhaps in a circle: what is there is found without it.
      if (!entry.isSymbolicLink()) addPackages(names, `${inner}/node_modules`, '')
    }
  }
}

function entriesOf(folder: string): Dirent[] {
  // Most have no folder of their own below, and an error costs more than a question.
  if (!existsSync(folder)) return []
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    // It is a file, or gone by now.
    return []
  }
}
