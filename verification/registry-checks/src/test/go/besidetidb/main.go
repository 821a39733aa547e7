// Command besidetidb works on an etcd through TiDB's own registry, as it is told by Java: one JSON object a line on standard input, one answer a
// line on standard output. It ends with its input.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/pingcap/log"
	"github.com/pingcap/tidb-tools/pkg/etcd"
	"github.com/pingcap/tidb-tools/tidb-binlog/node"
	"go.etcd.io/etcd/clientv3"
	"go.uber.org/zap/zapcore"
)

const timeout = 30 * time.Second

// request is what Java asks for; which fields count depends on the verb.
type request struct {
	Do     string       `json:"do"`
	Kind   string       `json:"kind"`
	ID     string       `json:"id"`
	Status *node.Status `json:"status"`
	Key    string       `json:"key"`
	Times  int64        `json:"times"`
}

// event is one change that a watch of TiDB's has seen.
type event struct {
	Type     string `json:"type"`
	Key      string `json:"key"`
	Value    string `json:"value"`
	Revision int64  `json:"revision,omitempty"`
}

type answer struct {
	Error    string         `json:"error,omitempty"`
	Status   *node.Status   `json:"status,omitempty"`
	Statuses []*node.Status `json:"statuses,omitempty"`
	ID       string         `json:"id,omitempty"`
	Events   []event        `json:"events,omitempty"`
}

type program struct {
	root     string
	client   *etcd.Client
	registry *node.EtcdRegistry
	watched  clientv3.WatchChan
	pending  []event
}

func main() {
	log.SetLevel(zapcore.FatalLevel)
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{os.Args[1]}, DialTimeout: timeout})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	wrapped := etcd.NewClient(client, os.Args[2])
	p := &program{root: os.Args[2], client: wrapped, registry: node.NewEtcdRegistry(wrapped, timeout)}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var asked request
		var told answer
		err := json.Unmarshal(in.Bytes(), &asked)
		if err == nil {
			told, err = p.do(&asked)
		}
		if err != nil {
			told = answer{Error: err.Error()}
		}
		if out.Encode(told) != nil {
			return
		}
	}
}

func (p *program) do(asked *request) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	switch asked.Do {
	case "update":
		return answer{}, p.registry.UpdateNode(ctx, asked.Kind, asked.Status)
	case "node":
		status, _, err := p.registry.Node(ctx, asked.Kind, asked.ID)
		return answer{Status: status}, err
	case "nodes":
		statuses, _, err := p.registry.Nodes(ctx, asked.Kind)
		sort.Slice(statuses, func(i, j int) bool { return statuses[i].NodeID < statuses[j].NodeID })
		return answer{Statuses: statuses}, err
	case "analyze":
		return answer{ID: node.AnalyzeNodeID(asked.Key)}, nil
	case "raise":
		return answer{}, p.raise(ctx, asked)
	case "watch":
		return answer{}, p.watch(asked.Kind)
	case "history":
		events, err := p.history(ctx, asked)
		return answer{Events: events}, err
	case "events":
		events, err := p.events(ctx, int(asked.Times))
		return answer{Events: events}, err
	}
	return answer{}, fmt.Errorf("not a verb: %q", asked.Do)
}

// raise reads a node and writes it with the next timestamp, again and again, as a pump does in a loop.
func (p *program) raise(ctx context.Context, asked *request) error {
	for i := int64(1); i <= asked.Times; i++ {
		status, _, err := p.registry.Node(ctx, asked.Kind, asked.ID)
		if err != nil {
			return err
		}
		status.MaxCommitTS = i
		if err := p.registry.UpdateNode(ctx, asked.Kind, status); err != nil {
			return err
		}
	}
	return nil
}

// history reads what a node was after each write, from the newest back to the first.
func (p *program) history(ctx context.Context, asked *request) ([]event, error) {
	var all []event
	key := path.Join(p.root, asked.Kind, asked.ID)
	for at := int64(0); ; {
		response, err := p.client.GetClient().Get(ctx, key, clientv3.WithRev(at))
		if err != nil {
			return nil, err
		}
		if len(response.Kvs) == 0 {
			return all, nil
		}
		kv := response.Kvs[0]
		all = append(all, event{Type: "PUT", Key: key, Value: string(kv.Value), Revision: kv.ModRevision})
		if kv.ModRevision == kv.CreateRevision {
			return all, nil
		}
		at = kv.ModRevision - 1
	}
}

// watch follows a kind from the next revision on. TiDB's own watch takes the whole path, other than its reads.
func (p *program) watch(kind string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	_, revision, err := p.registry.Nodes(ctx, kind)
	if err == nil {
		p.watched = p.registry.WatchNode(context.Background(), path.Join(p.root, kind)+"/", revision+1)
	}
	return err
}

// events waits for as many changes.
func (p *program) events(ctx context.Context, times int) ([]event, error) {
	for len(p.pending) < times {
		select {
		case response, ok := <-p.watched:
			if !ok || response.Err() != nil {
				return nil, fmt.Errorf("the watch has ended: %v", response.Err())
			}
			for _, e := range response.Events {
				key := strings.TrimPrefix(string(e.Kv.Key), p.root+"/")
				p.pending = append(p.pending, event{Type: e.Type.String(), Key: key, Value: string(e.Kv.Value)})
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d events have come", len(p.pending), times)
		}
	}
	return p.pending, nil
}
