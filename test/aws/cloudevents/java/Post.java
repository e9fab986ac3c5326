import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonCloudEventData;
import io.cloudevents.jackson.JsonFormat;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Map;

/** Sends events with the CloudEvents SDK of Java: Post.java URL MODE, one event a line on standard input. */
public class Post {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine())
      out.println(post(args[0], args[1], eventOf(JSON.readTree(line))));
  }

  private static CloudEvent eventOf(JsonNode sent) throws Exception {
    var attributes = sent.get("attributes");
    var event = CloudEventBuilder.v1()
      .withId(attributes.get("id").asText())
      .withType(attributes.get("type").asText())
      .withSource(URI.create(attributes.get("source").asText()))
      .withTime(OffsetDateTime.parse(attributes.get("time").asText()));
    if (attributes.has("subject")) event.withSubject(attributes.get("subject").asText());
    if (attributes.has("dataschema")) event.withDataSchema(URI.create(attributes.get("dataschema").asText()));
    if (attributes.has("datacontenttype")) event.withDataContentType(attributes.get("datacontenttype").asText());
    sent.get("extensions").fields().forEachRemaining(extension -> {
      var value = extension.getValue();
      if (value.isNumber()) event.withExtension(extension.getKey(), value.numberValue());
      else event.withExtension(extension.getKey(), value.asText());
    });
    var data = sent.get("data");
    if (data.has("json")) event.withData(JsonCloudEventData.wrap(data.get("json")));
    else if (data.has("text")) event.withData(data.get("text").asText().getBytes(StandardCharsets.UTF_8));
    else if (data.has("base64")) event.withData(data.get("base64").binaryValue());
    return event.build();
  }

  private static String post(String url, String mode, CloudEvent event) throws Exception {
    var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    var writer = HttpMessageFactory.createWriter(connection::setRequestProperty, body -> send(connection, body));
    if (mode.equals("binary")) writer.writeBinary(event);
    else writer.writeStructured(event, new JsonFormat());
    var status = connection.getResponseCode();
    var answer = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    return JSON.writeValueAsString(Map.of("status", status, "body", new String(answer.readAllBytes(), StandardCharsets.UTF_8)));
  }

  private static void send(HttpURLConnection connection, byte[] body) {
    try (OutputStream out = connection.getOutputStream()) {
      if (body != null) out.write(body);
    } catch (Exception cause) {
      throw new IllegalStateException(cause);
    }
  }
}
