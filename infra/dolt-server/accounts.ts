/**
 * The SQL that gives the server its one account, run by an init container before each start: `dolt sql` on the data
 * itself, so that neither the image's entrypoint nor an environment variable has a part in it. Once an account exists,
 * Dolt makes no root@localhost without a password of its own accord (seen on 2.2.0).
 */
export function accountsSql(password: string): string {
  const quoted = `'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  return [
    `CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY ${quoted};`,
    `ALTER USER 'root'@'%' IDENTIFIED BY ${quoted};`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n')
}
