import { cleanPath } from './pattern.ts'

export interface Route {
  /** A path; one that ends in a slash is also the prefix of all paths below it. No character is special. */
  pattern: string
  response: string
  durationSeconds: number
}

export interface Found {
  route: Route
  /** The path to ask instead. */
  redirectTo?: string
}

/** Finds the route of a path by the rules of Go's ServeMux: the exact one, else the longest prefix. */
export class RouteTable {
  readonly #routes: Map<string, Route>
  readonly #longestPattern: number

  constructor(routes: Route[]) {
    this.#routes = new Map(routes.map((route) => [route.pattern, route]))
    this.#longestPattern = Math.max(0, ...routes.map(({ pattern }) => pattern.length))
  }

  get size(): number {
    return this.#routes.size
  }

  find(path: string): Found | undefined {
    const clean = cleanPath(path)
    const exact = this.#routes.get(clean)
    const tree = exact ? undefined : this.#routes.get(`${clean}/`)
    if (tree) return { route: tree, redirectTo: tree.pattern }

    const route = exact ?? this.#longestPrefix(clean)
    if (!route) return undefined
    return clean === path ? { route } : { route, redirectTo: clean }
  }

  /** Looks no further than the longest pattern: a path of thousands of slashes costs nothing. */
  #longestPrefix(path: string): Route | undefined {
    let slash = path.lastIndexOf('/', this.#longestPattern - 1)
    while (slash >= 0) {
      const route = this.#routes.get(path.slice(0, slash + 1))
      if (route || slash === 0) return route
      slash = path.lastIndexOf('/', slash - 1)
    }
    return undefined
  }
}
