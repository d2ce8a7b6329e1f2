/**
 * Replaces the MCP SDK's own module for Node. That module includes a validator of JSON schemas for answers
 * that people give to a server's questions (120 KB), and presence asks no questions.
 */
export { default as process } from 'node:process'

export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new TypeError('presence asks people nothing over MCP')
  }
}
