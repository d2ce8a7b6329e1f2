import { createHash } from 'node:crypto'

/**
 * The SQL that gives the server its only account. An init container runs it before each start, with
 * `dolt sql` on the account files, so that neither the image's entrypoint nor an environment variable is involved.
 * Once an account exists, Dolt no longer creates a root@localhost without a password (seen on 2.2.0).
 *
 * The statement contains only the hash that the server stores (mysql_native_password: SHA-1 of the SHA-1), so
 * a failed statement that is printed doesn't reveal the password.
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
