import { describe, expect, it } from 'vitest'
import { Family, fromPs } from './processes.ts'

const running = (pid: number, parent: number, began = `t${pid}`) => ({ pid, parent, began })

describe('a family of processes', () => {
  it('is everything that one process started, directly or not, and nothing else', () => {
    const all = [running(1, 0), running(10, 1), running(11, 10), running(12, 11), running(20, 1)]
    expect(new Family(10, () => all).living()).toEqual([10, 11, 12])
  })

  it('keeps processes whose parent has ended, and finds what they start afterwards', () => {
    let all = [running(10, 1), running(11, 10), running(12, 11)]
    const family = new Family(10, () => all)
    family.living()
    all = [running(11, 1), running(12, 1), running(13, 12)]
    expect(family.living()).toEqual([11, 12, 13])
  })

  it('excludes a stranger that was given the id of a process that has ended', () => {
    let all = [running(10, 1), running(11, 10)]
    const family = new Family(10, () => all)
    family.living()
    all = [running(10, 1, 'later'), running(11, 1, 'later'), running(12, 11)]
    expect(family.living()).toEqual([])
  })

  it('is found with ps where there is no /proc', () => {
    const me = fromPs().find(({ pid }) => pid === process.pid)
    expect(me).toMatchObject({ parent: process.ppid, began: expect.stringMatching(/\d{4}$/) })
  })
})
