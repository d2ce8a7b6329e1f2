import type { types } from '@pulumi/kubernetes'
import type { DoltServerConfig } from '../config/shape.ts'

/** The data. Grown by pvc-autoresizer up to the limit, where its class lets it be. */
export function volumeSpec(config: DoltServerConfig) {
  const annotations = {
    'resize.topolvm.io/storage_limit': config.storageLimit,
    'resize.topolvm.io/threshold': '20%',
    'resize.topolvm.io/increase': '1Gi',
  }
  const spec: types.input.core.v1.PersistentVolumeClaimSpec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: config.storageClass,
    resources: { requests: { storage: config.storage } },
  }
  return { annotations, spec }
}
