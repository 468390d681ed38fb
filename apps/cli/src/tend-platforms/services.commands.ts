import type { Tool } from '../call-exchange/tool.js';

interface Service {
  id: string;
  host: string;
  kind: string;
  state: string;
  channel: string;
  proof: { dns: { name: string; value: string }; file: { url: string; content: string } };
}

function lines({ id, host, kind, state, channel, proof: { dns, file } }: Service): string[] {
  const head = `${id}  ${state}  ${host} (${kind}), channel ${channel}`;
  if (state === 'proved') return [head];
  return [head, `  text record at ${dns.name}: ${dns.value}`, `  or file at ${file.url}: ${file.content}`];
}

/** `tocsin services …`: a platform's admin says which hosts are its services, and proves it. */
export function addServices({ program, api, printer }: Tool): void {
  const services = program.command('services').description('hosts that are the services of a platform');
  const answer = (service: Service): void => printer.answer(service, lines(service));
  services
    .command('add <host>')
    .description('say that a host, with what is below it, is a service of yours')
    .requiredOption('--kind <word>', 'site, short-links or delivery-network')
    .action((host: string, { kind }: { kind: string }) =>
      printer.guard(async () => answer(await api.console<Service>('POST', '/v1/services', { json: { host, kind } }))),
    );
  services
    .command('prove <service>')
    .description('look for the proof in the DNS and on the host')
    .action((id: string) =>
      printer.guard(async () =>
        answer(await api.console<Service>('POST', `/v1/services/${encodeURIComponent(id)}/proof`)),
      ),
    );
  services
    .command('remove <service>')
    .description('say that it is no service of yours any more')
    .action((id: string) =>
      printer.guard(async () => answer(await api.console<Service>('DELETE', `/v1/services/${encodeURIComponent(id)}`))),
    );
  services
    .command('list')
    .description('services that you may see, with what proves those that are not proved')
    .action(() =>
      printer.guard(async () => {
        const told = await api.console<{ services: Service[] }>('GET', '/v1/services');
        printer.answer(told, told.services.length > 0 ? told.services.flatMap(lines) : ['no services']);
      }),
    );
}
