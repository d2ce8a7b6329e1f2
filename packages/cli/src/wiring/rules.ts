const BEGIN =
  '<!-- presence: begin. Written by `presence init --hooks`; what stands between the marks is replaced. -->'
const END = '<!-- presence: end -->'

/** What an agent should know of the board, in the project's file of rules. */
export const RULES = `## Presence: say what you are changing

Other sessions, jobs and people change the same infrastructure as you. The presence board shows who is changing what right
now. Claim before you change something that others share:

    presence claim <label> --purpose "<what you do, and why>"

**Claim for:** applying infrastructure code (terraform, pulumi, helm, kubectl apply, drain, delete, rollout restart),
restarting a service, migrating or altering a database, and whatever changes a node, its kernel, network or disks.
**Don't claim for:** reading (get, describe, logs, plan, diff), or editing files of the repository that nothing applies yet.

A label is \`kind:name\`; take the closest kind:

| label | for |
|---|---|
| \`node:k8s-1\` | a node of a cluster |
| \`host:backup-1\` | another machine |
| \`stack:gpu\` | a stack of infrastructure code |
| \`service:mail\` | a service or an application |
| \`db:orders\` | a database |
| \`pvc:shop/data\` | a volume: namespace and name |
| \`infra:dns\` | anything else |

One change may take several claims: the node, and the stack that is applied to it.

**When another session holds it,** the claim is made all the same and names the other one, its purpose and since when.
Whoever came later waits: release yours (\`presence release <label>\`), tell the person you work for who holds it and what
for, and ask whether to wait or to go on. Don't take another session's claim away.

**A claim lives** for 15 minutes and stays alive while you work; at the end of the session it is released. Release it
earlier when you are done. What is said to have lapsed of yours may have been changed by others since: look before you go on.

**Presence is not the task list.** A task is what is to be done, for days; a claim is what is being changed, for minutes.
`

/** A file of rules with ours in it, between its marks; or without. Everything else stays as it was. */
export function withRules(text: string, present: boolean): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  const [before, after] =
    begin >= 0 && end > begin
      ? [text.slice(0, begin), text.slice(end + END.length).replace(/^\r?\n/, '')]
      : [text, '']
  const found = begin >= 0 && end > begin
  // A file that ended without a line's end ends so again: that ours has none behind it tells.
  const open = found ? text.endsWith(END) : text !== '' && !text.endsWith('\n')
  if (!present) return found ? before.replace(/\n\n$/, open ? '' : '\n') + after : text
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  return `${before}${gap}${BEGIN}\n${RULES}${END}${open ? '' : '\n'}${after}`
}
