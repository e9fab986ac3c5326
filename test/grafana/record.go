// Records what Grafana's Infinity data source asks for each target of a dashboard, by the plugin's own code.
//
// It is built inside a checkout of github.com/grafana/grafana-infinity-datasource:
//
//	cp test/grafana/record.go CHECKOUT/pkg/record.go.main && mkdir CHECKOUT/pkg/record && mv CHECKOUT/pkg/record.go.main CHECKOUT/pkg/record/main.go
//	cd CHECKOUT && go run ./pkg/record DASHBOARD.json http://127.0.0.1:8080 > recorded.json
//
// The server has the sample (npm run feed -- sample). Grafana's page replaces variables before it gives a query to the plugin;
// this program does so as Grafana documents it.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/grafana/grafana-infinity-datasource/pkg/pluginhost"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const token = "twinstream_recorded"

// Not at the start of a window, as the range of a dashboard hardly ever is.
var timeRange = backend.TimeRange{
	From: time.Date(2015, 9, 12, 0, 0, 12, 345e6, time.UTC),
	To:   time.Date(2015, 9, 12, 23, 59, 48, 765e6, time.UTC),
}
var variables = strings.NewReplacer("$every", "30m", "${channel:csv}", "#en.wikipedia,#de.wikipedia,#vi.wikipedia")

type field struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Rows int    `json:"rows"`
}
type exchange struct {
	Panel   string            `json:"panel"`
	Target  json.RawMessage   `json:"target"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Answer  string            `json:"answer"`
	Fields  []field           `json:"fields"`
	Error   string            `json:"error,omitempty"`
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	var dashboard struct {
		Templating struct {
			List []struct {
				Name  string          `json:"name"`
				Query json.RawMessage `json:"query"`
			} `json:"list"`
		} `json:"templating"`
		Panels []struct {
			Title   string            `json:"title"`
			Targets []json.RawMessage `json:"targets"`
		} `json:"panels"`
	}
	check(json.Unmarshal(text, &dashboard))

	var seen exchange
	to, err := url.Parse(os.Args[2])
	check(err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		seen.Answer = string(body)
		response.Body = io.NopCloser(strings.NewReader(seen.Answer))
		return err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		seen = exchange{Method: request.Method, Path: request.URL.RequestURI(), Headers: map[string]string{}, Body: string(body)}
		for name := range request.Header {
			seen.Headers[strings.ToLower(name)] = request.Header.Get(name)
		}
		request.Body = io.NopCloser(strings.NewReader(seen.Body))
		request.Header.Del("Accept-Encoding") // the recording keeps the answer as text
		proxy.ServeHTTP(w, request)
	}))
	defer server.Close()

	settings := backend.DataSourceInstanceSettings{
		UID: "twinstream", URL: server.URL,
		JSONData:                json.RawMessage(`{"auth_method":"bearerToken","allowedHosts":["` + server.URL + `"]}`),
		DecryptedSecureJSONData: map[string]string{"bearerToken": token},
	}
	instance, err := pluginhost.NewDataSourceInstance(context.Background(), settings)
	check(err)
	plugin := instance.(*pluginhost.DataSource)

	recorded := []exchange{}
	play := func(panel string, target json.RawMessage) {
		seen = exchange{}
		answer, err := plugin.QueryData(context.Background(), &backend.QueryDataRequest{
			PluginContext: backend.PluginContext{DataSourceInstanceSettings: &settings},
			Queries:       []backend.DataQuery{{RefID: "A", JSON: json.RawMessage(variables.Replace(string(target))), TimeRange: timeRange}},
		})
		check(err)
		seen.Panel, seen.Target, seen.Fields = panel, target, []field{}
		for _, response := range answer.Responses {
			if response.Error != nil {
				seen.Error = response.Error.Error()
			}
			for _, frame := range response.Frames {
				for _, one := range frame.Fields {
					seen.Fields = append(seen.Fields, field{one.Name + one.Labels.String(), one.Type().ItemTypeString(), one.Len()})
				}
			}
		}
		recorded = append(recorded, seen)
	}
	for _, variable := range dashboard.Templating.List {
		var query struct {
			InfinityQuery json.RawMessage `json:"infinityQuery"`
		}
		if json.Unmarshal(variable.Query, &query) == nil && query.InfinityQuery != nil {
			play("variable "+variable.Name, query.InfinityQuery)
		}
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			play(panel.Title, target)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(recorded))
}
