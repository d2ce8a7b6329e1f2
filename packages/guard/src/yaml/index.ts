export { readYaml } from './read-yaml.ts'
export { at, isMap, listAt, textAt, type Yaml, type YamlMap } from './value.ts'
