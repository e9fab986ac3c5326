/**
 * A call of a WebSocket API, as Lambda gets it
 * (docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html).
 */
export interface SocketEvent {
  readonly requestContext: { readonly eventType: 'CONNECT' | 'DISCONNECT' | 'MESSAGE'; readonly connectionId: string };
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
}
/** What happens to a connection. */
export type SocketCall =
  | { readonly kind: 'connect'; readonly id: string; readonly ticket: string }
  | { readonly kind: 'disconnect' | 'message'; readonly id: string };

export const fromSocket = ({ requestContext: { eventType, connectionId: id }, queryStringParameters }: SocketEvent): SocketCall => {
  if (eventType === 'CONNECT') return { kind: 'connect', id, ticket: queryStringParameters?.ticket ?? '' };
  return { kind: eventType === 'DISCONNECT' ? 'disconnect' : 'message', id };
};
