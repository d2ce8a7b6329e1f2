/** Programs that run another one, with the number of words before it. */
export const RUNNERS: Readonly<Record<string, number>> = {
  busybox: 0,
  bundle: 1,
  env: 0,
  exec: 0,
  'docker-entrypoint.sh': 0,
  gosu: 1,
  nice: 0,
  nohup: 0,
  npx: 0,
  poetry: 1,
  sudo: 0,
  'su-exec': 1,
  time: 0,
  timeout: 1,
  tini: 0,
  uv: 1,
  xargs: 0,
}

const ALWAYS = /^/
const packages =
  /^(?!-[lLsV]|--version|check|depends|info|inspect|list|ls|outdated|query|search|show|version|view)/
/** Migrations of web frameworks. */
const migrations =
  /\bmanage\.py (changepassword|clearsessions|collectstatic|createsuperuser|flush|loaddata|migrate)\b|\bartisan (migrate(?!:status)|db:(seed|wipe))|\bdb:(create|drop|migrate(?!:status)|reset|rollback|schema:load|seed|setup|structure:load)\b|\b(alembic|db) (downgrade|stamp|upgrade)\b/

/** Programs that change what is shared, with the pattern of the arguments that do. */
export const CHANGING: Readonly<Record<string, RegExp>> = {
  ...Object.fromEntries(
    `chgrp chmod chown cp dd groupadd install killall ln mkdir mkfifo mkfs
mongorestore mount mv passwd pkill rm rmdir shred swapoff swapon tee
touch truncate umount unlink unzip useradd userdel usermod`
      .split(/\s+/)
      .map(name => [name, ALWAYS]),
  ),
  ...Object.fromEntries(
    'apk apt apt-get dnf dpkg gem microdnf npm pip pip3 pnpm rpm yarn yum'
      .split(' ')
      .map(name => [name, packages]),
  ),
  alembic: /^(.* )?(upgrade|downgrade|stamp)\b/,
  artisan: migrations,
  ceph: /^(osd (crush|destroy|down|erasure-code-profile (rm|set)|in|out|pool (create|delete|rename|set)|purge|reweight|rm|set|unset)|auth (add|caps|del|rm)|config (rm|set)|fs (fail|new|rm|set)|mds fail|mgr (fail|module)|mon (add|rm)|orch (?!ls|ps|status|device ls|host ls)|pg repair)\b/,
  chpasswd: ALWAYS,
  consul:
    /^(kv (delete|import|put)|leave|force-leave|maint|reload|operator raft remove-peer|services (de)?register|acl \w+ (create|delete|update))\b/,
  crontab: /^(?!-l|.* -l)/,
  etcdctl:
    /^(.* )?(put|del|txn|compaction|defrag|lease (grant|revoke)|member (add|promote|remove|update)|move-leader|snapshot restore|(auth (dis|en)able)|(user|role) (add|delete|grant\S*|passwd|revoke\S*))\b/,
  flask: /\bdb (downgrade|stamp|upgrade)\b/,
  flyway: /\b(baseline|clean|migrate|repair|undo)\b/,
  git: /^(.* )?(checkout|clean|clone|merge|pull|push|rebase|reset|restore|switch)\b/,
  iptables: /(^| )(-[ADFIPRXZ]|--(append|delete|flush|insert|policy|replace))\b/,
  'kafka-configs.sh': /--(alter|add-config|delete-config)/,
  'kafka-consumer-groups.sh': /--(delete|execute)/,
  'kafka-topics.sh': /--(alter|create|delete)/,
  kill: /^(?!-[0lL]\b)/,
  knex: /\b(migrate:(down|latest|rollback|up)|seed:run)\b/,
  mc: /^(admin (config set|policy|service|user)|anonymous set|cp|mb|mirror|mv|pipe|policy set|rb|rm)\b/,
  migrate: /\b(down|drop|force|goto|up)\b/,
  mongo:
    /--eval .*\b(create|delete|drop|insert|reconfig|remove|rename|replace|shutdown|stepDown|update|initiate)/,
  mongosh:
    /--eval .*\b(create|delete|drop|insert|reconfig|remove|rename|replace|shutdown|stepDown|update|initiate)/,
  nginx: /^(?!-[tTvVh?]|.* -[tT])/,
  nodetool:
    /^(.* )?(assassinate|cleanup|clearsnapshot|compact|decommission|disable\w+|drain|enable\w+|flush|move|rebuild|refresh|removenode|repair|set\w+|snapshot|stopdaemon|truncatehints|upgradesstables)\b/,
  pg_ctl: /\b(init\w*|kill|logrotate|promote|reload|restart|start|stop)\b/,
  php: migrations,
  prisma: /\b(db push|migrate (deploy|dev|reset|resolve))\b/,
  python: migrations,
  python3: migrations,
  rabbitmqctl:
    /^(.* )?((add|cancel|change|clear|close|delete|disable|enable|forget|import|join|purge|rename|reset|restart|rotate|set|shutdown|start|stop|sync)\w*)\b/,
  rails: migrations,
  rake: migrations,
  ...Object.fromEntries(
    ['keydb-cli', 'redis-cli', 'valkey-cli'].map(name => [
      name,
      /(^| )(append|bgrewriteaof|bgsave|cluster (addslots|delslots|failover|forget|meet|replicate|reset)|config (resetstat|rewrite|set)|copy|decr(by)?|del|evalsha?|expire\w*|failover|flushall|flushdb|getdel|getset|h(del|incrby\w*|mset|set(nx)?)|incr(by\w*)?|l(insert|move|pop|push\w*|rem|set|trim)|migrate|move|mset(nx)?|persist|pexpire\w*|psetex|publish|rename(nx)?|replicaof|restore|r(pop\w*|push\w*)|s(add|move|pop|rem)|save|set(bit|ex|nx|range)?|shutdown|slaveof|swapdb|unlink|x(add|del|trim)|z(add|incrby|pop\w*|rem\w*))( |$)/i,
    ]),
  ),
  sed: /(^| )(-\w*i|--in-place)/,
  supervisorctl: /(^| )(add|clear|reload|remove|restart|shutdown|signal|start|stop|update)\b/,
  sysctl: /(^| )(-w|--write|-p)\b|=/,
  tar: /^-?\w*x|--extract|(^| )-\w*x/,
  vault:
    /^(auth (disable|enable|tune)|delete|kv (delete|destroy|metadata (delete|put)|patch|put|rollback|undelete)|lease (renew|revoke)|operator (init|raft (remove-peer|snapshot restore)|rekey|rotate|seal|step-down|unseal)|plugin (de)?register|policy (delete|write)|secrets (disable|enable|move|tune)|token (create|renew|revoke)|write)\b/,
}
