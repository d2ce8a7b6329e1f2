/**
 * What the MCP SDK asks of its platform, in place of its own module for Node: that brings a validator of JSON schemas for
 * answers that people give to questions of a server (120 KB), and presence asks none.
 */
export { default as process } from 'node:process'

export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new TypeError('presence asks people nothing over MCP')
  }
}
