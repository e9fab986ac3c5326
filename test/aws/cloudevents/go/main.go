// Sends events with the CloudEvents SDK of Go: post URL MODE, one event a line on standard input.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

type sent struct {
	Attributes map[string]string `json:"attributes"`
	Extensions map[string]any    `json:"extensions"`
	Data       *struct {
		JSON   map[string]any `json:"json"`
		Text   *string        `json:"text"`
		Base64 *string        `json:"base64"`
	} `json:"data"`
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func eventOf(given sent) event.Event {
	made := event.New()
	made.SetID(given.Attributes["id"])
	made.SetSource(given.Attributes["source"])
	made.SetType(given.Attributes["type"])
	made.SetTime(must(time.Parse(time.RFC3339Nano, given.Attributes["time"])))
	if subject, ok := given.Attributes["subject"]; ok {
		made.SetSubject(subject)
	}
	if schema, ok := given.Attributes["dataschema"]; ok {
		made.SetDataSchema(schema)
	}
	for name, value := range given.Extensions {
		if number, ok := value.(float64); ok {
			made.SetExtension(name, int32(number))
		} else {
			made.SetExtension(name, value)
		}
	}
	contentType, hasType := given.Attributes["datacontenttype"]
	if hasType {
		made.SetDataContentType(contentType)
	} else {
		contentType = event.ApplicationJSON
	}
	switch data := given.Data; {
	case data == nil:
	case data.JSON != nil:
		check(made.SetData(contentType, data.JSON))
	case data.Text != nil:
		check(made.SetData(contentType, []byte(*data.Text)))
	default:
		check(made.SetData(contentType, must(base64.StdEncoding.DecodeString(*data.Base64))))
	}
	return made
}

func post(request *http.Request) {
	response := must(http.DefaultClient.Do(request))
	defer response.Body.Close()
	answer := map[string]any{"status": response.StatusCode, "body": string(must(io.ReadAll(response.Body)))}
	fmt.Println(string(must(json.Marshal(answer))))
}

func main() {
	url, mode := os.Args[1], os.Args[2]
	ctx := binding.WithForceBinary(context.Background())
	if mode == "structured" {
		ctx = binding.WithForceStructured(context.Background())
	}
	events := []event.Event{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var given sent
		check(json.Unmarshal(lines.Bytes(), &given))
		events = append(events, eventOf(given))
	}
	check(lines.Err())
	if mode == "batch" {
		post(must(cehttp.NewHTTPRequestFromEvents(ctx, url, events)))
		return
	}
	for _, one := range events {
		post(must(cehttp.NewHTTPRequestFromEvent(ctx, url, one)))
	}
}
