import type { types } from '@pulumi/kubernetes'
import type { DoltServerConfig } from '../config/shape.ts'

/** The data. If its storage class allows it, pvc-autoresizer grows the volume up to the limit. */
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
