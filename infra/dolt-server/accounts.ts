import { createHash } from 'node:crypto'

/**
 * The SQL that gives the server its one account, run by an init container before each start: `dolt sql` on the accounts
 * themselves, so that neither the image's entrypoint nor an environment variable has a part in it. Once an account exists,
 * Dolt makes no root@localhost without a password of its own accord (seen on 2.2.0).
 *
 * The password goes as what the server stores of it (mysql_native_password: SHA-1 of its SHA-1), so that no statement that
 * fails and is printed tells it.
 */
export function accountsSql(password: string): string {
  const once = createHash('sha1').update(password).digest()
  const stored = createHash('sha1').update(once).digest('hex').toUpperCase()
  const identified = `IDENTIFIED WITH mysql_native_password AS '*${stored}'`
  return [
    `CREATE USER IF NOT EXISTS 'root'@'%' ${identified};`,
    `ALTER USER 'root'@'%' ${identified};`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n')
}
