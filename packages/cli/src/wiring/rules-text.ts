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

**Where two at once would break it** (a stack's state, a migration), be the only one: \`presence run --claim stack:gpu
--exclusive --wait 10m --purpose "<what and why>" -- <command>\`, or \`presence claim --exclusive\`. Refused means that somebody
is there: it names who. Don't steal a claim unless the person you work for says so.

**A claim lives** for 15 minutes and stays alive while you work; at the end of the session it is released. Release it
earlier when you are done. What is said to have lapsed of yours may have been changed by others since: look before you go on.
What lapsed of others may be half done: look at it before you change it, and once it is looked after, say so
(\`presence resolve <label> --note "<what you found>"\`).

**Presence is not the task list.** A task is what is to be done, for days; a claim is what is being changed, for minutes.
`
