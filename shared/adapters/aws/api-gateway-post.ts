import { ApiGatewayManagementApiClient, DeleteConnectionCommand, GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { LivePost } from '../../ports/live-connections.ts';
import { awsClient } from './aws-client.ts';

/** @param endpoint of the API's stage: https://ID.execute-api.REGION.amazonaws.com/STAGE */
export const apiGatewayClient = (endpoint: string): ApiGatewayManagementApiClient =>
  new ApiGatewayManagementApiClient({ ...awsClient({ attempts: 3, answerWithinMs: 3_000 }), endpoint });

/** Connections of a WebSocket API (docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html). */
export const apiGatewayPost = ({ client }: { readonly client: ApiGatewayManagementApiClient }): LivePost => ({
  send: async (id, text) => {
    try {
      await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(text) }));
      return 'sent';
    } catch (error) {
      return error instanceof GoneException ? 'gone' : 'failed';
    }
  },
  disconnect: async (id) => {
    await client.send(new DeleteConnectionCommand({ ConnectionId: id })).catch(() => {});
  },
});
