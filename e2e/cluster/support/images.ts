import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** An image with programs of this machine and the libraries that they need. No registry is used. */
export interface Image {
  readonly name: string
  /** Copied to /bin. */
  readonly programs: readonly string[]
  /** Folders that containers write to or mount on. */
  readonly folders?: readonly string[]
  readonly entrypoint?: readonly string[]
}

/**
 * The image as a file that containerd imports, in the format of `docker save`: a layer, its settings and a
 * manifest. Created once, and cached by the hash of its content.
 */
export function imageFile(image: Image): string {
  const hash = createHash('sha256').update(JSON.stringify({ ...image, programs: image.programs.map(nameOf) }))
  for (const program of image.programs)
    for (const file of [program, ...librariesOf(program)]) hash.update(readFileSync(file))
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'presence/images')
  const file = join(cache, `${basename(image.name).replace(':', '-')}-${hash.digest('hex').slice(0, 16)}.tar`)
  if (existsSync(file)) return file
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'presence-image-'))
  try {
    layOut(image, join(folder, 'root'))
    pack(image, folder)
    const made = `${file}.${process.pid}`
    tar(made, folder, 'layer.tar', 'config.json', 'manifest.json')
    renameSync(made, file)
  } finally {
    rmSync(folder, { recursive: true })
  }
  return file
}

/** Writes an image's files to a folder, which can also be used as a root folder. */
export function layOut({ programs, folders = [] }: Image, root: string): void {
  for (const folder of ['bin', 'tmp', ...folders]) mkdirSync(join(root, folder), { recursive: true })
  for (const program of programs) {
    copyFileSync(program, join(root, 'bin', nameOf(program)))
    for (const library of librariesOf(program)) {
      mkdirSync(join(root, dirname(library)), { recursive: true })
      copyFileSync(library, join(root, library))
    }
  }
}

function nameOf(program: string): string {
  return basename(program)
}

/** Empty for a statically linked program: ldd reports that and fails. */
function librariesOf(program: string): readonly string[] {
  try {
    return execFileSync('ldd', [program], { encoding: 'utf8', stdio: 'pipe' }).match(/\/[^ )]+(?= \()/g) ?? []
  } catch {
    return []
  }
}

function pack({ name, entrypoint = [] }: Image, folder: string): void {
  tar(join(folder, 'layer.tar'), join(folder, 'root'), '.')
  const layer = createHash('sha256')
    .update(readFileSync(join(folder, 'layer.tar')))
    .digest('hex')
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: ['PATH=/bin'], Entrypoint: entrypoint },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
}

function tar(file: string, folder: string, ...members: string[]): void {
  execFileSync('tar', [
    '--create',
    '--file',
    file,
    '--directory',
    folder,
    '--owner=0',
    '--group=0',
    ...members,
  ])
}

/** A program that only waits. It holds the namespaces of every Pod. */
export function pauseProgram(folder: string): string {
  const program = join(folder, 'pause')
  writeFileSync(`${program}.c`, '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n')
  execFileSync('gcc', ['-static', '-Os', '-s', '-o', program, `${program}.c`])
  return program
}
