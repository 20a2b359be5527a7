import { PanelBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text'

/** Markdown, for what no query can say. */
export function notice(title: string, content: string, height: number): PanelBuilder {
  return new PanelBuilder()
    .title(title)
    .description('')
    .mode(TextMode.Markdown)
    .content(content)
    .span(24)
    .height(height)
}
