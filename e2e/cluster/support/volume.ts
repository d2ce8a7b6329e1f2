import { chmodSync } from 'node:fs'
import { api, dataFolder } from './context.ts'

/**
 * Creates a storage class with one volume, which is a folder on the node's disk. Returns the name of the
 * class.
 */
export async function newVolume(name: string): Promise<string> {
  const storageClass = `class-${name}`
  const folder = dataFolder(name)
  chmodSync(folder, 0o777)
  await api.create('/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: storageClass },
    provisioner: 'kubernetes.io/no-provisioner',
    allowVolumeExpansion: true,
  })
  await api.create('/api/v1/persistentvolumes', {
    metadata: { name: `volume-${name}` },
    spec: {
      storageClassName: storageClass,
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: folder },
    },
  })
  return storageClass
}
