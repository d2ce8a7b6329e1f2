import { expect, it } from 'vitest'
import { analyze, purposeOf } from '../src/index.ts'
import { contextOf } from './support/context.ts'

const SECRET = 'hunter2'

/** Commands that change something and carry a secret. */
const LINES = [
  'kubectl create secret generic db --from-literal=password=hunter2',
  'kubectl create secret docker-registry r --docker-username=ana --docker-password=hunter2',
  'kubectl --token hunter2 delete pod web',
  'kubectl --token=hunter2 --server=https://ana:hunter2@k8s.example.com delete pod web',
  'kubectl set env deployment/web TOKEN=hunter2',
  'kubectl annotate pod web token=hunter2',
  'kubectl patch secret db -p \'{"stringData":{"password":"hunter2"}}\'',
  "kubectl apply -f - <<'EOF'\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\nEOF",
  'kubectl apply -f https://ana:hunter2@example.com/web.yaml',
  'helm upgrade web ./chart --set password=hunter2 --username ana --password hunter2',
  'helm upgrade web https://ana:hunter2@charts.example.com/web.tgz',
  'terraform apply -var password=hunter2 -auto-approve',
  'TF_VAR_password=hunter2 terraform destroy',
  'pulumi up -c token=hunter2 -s prod',
  'mysql -uroot -phunter2 -e "drop table users" shop',
  'mysql --password=hunter2 shop -e "update users set password = \'hunter2\'"',
  'PGPASSWORD=hunter2 psql -h db1 -U ana shop -c "delete from users"',
  'psql postgres://ana:hunter2@db1/shop -c "drop table users"',
  'psql "host=db1 dbname=shop password=hunter2" -c "drop table users"',
  'psql -h db1 shop -c "alter user ana password \'hunter2\'"',
  "psql shop <<'EOF'\n\\c postgres://ana:hunter2@db2/shop\ndrop table users;\nEOF",
  'mysql -u root --password hunter2 -e "drop table users" shop',
  'mysql -u root -p hunter2 -e "drop table users" shop',
  "psql shop <<'EOF'\nhunter2;\ndrop table users;\nEOF",
  'mysqladmin -u root password hunter2',
  'docker plugin set sshfs TOKEN=hunter2',
  'docker swarm join --token hunter2 db1:2377',
  'docker service update --env-add TOKEN=hunter2 web',
  'docker run -d --name web -e TOKEN=hunter2 nginx',
  'docker -H tcp://ana:hunter2@engine:2375 rm -f web',
  'docker exec -e TOKEN=hunter2 web rm -rf /data',
  'sshpass -p hunter2 ssh web sudo reboot',
  "ssh web 'TOKEN=hunter2 systemctl restart web'",
  'ansible-playbook -i web, site.yml -e password=hunter2',
  'ansible web -i web, -m user -a "name=ana password=hunter2"',
  'curl -H "Authorization: Bearer hunter2" https://example.com/x | kubectl apply -f -',
  'export TOKEN=hunter2; kubectl --token "$TOKEN" delete pod web',
  'echo hunter2 | docker login -u ana --password-stdin && docker rm -f web',
  'AWS_SECRET_ACCESS_KEY=hunter2 aws ec2 terminate-instances --instance-ids i-1',
  'argocd app sync web --auth-token hunter2',
]

it.each(LINES)('no secret gets out of %s', line => {
  const { effects } = analyze(line, contextOf())
  const told = JSON.stringify([purposeOf(effects), effects.map(({ words: _, ...each }) => each)])
  expect(told).not.toContain(SECRET)
})

it('most of these lines change something that the guard sees', () => {
  const seen = LINES.filter(line =>
    analyze(line, contextOf()).effects.some(each => each.effect === 'changes'),
  )
  expect(seen.length).toBeGreaterThan(LINES.length * 0.7)
})
