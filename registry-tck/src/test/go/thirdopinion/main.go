// Thirdopinion reads histories, in the form of docs/histories.md, from its standard input, and tells for each on a line of its own whether
// Porcupine finds an order that explains it: Ok, Illegal or Unknown. It judges gets, lists, keys and transactions; watches, children and
// sequential reads are left out. Revisions are not believed, except that a condition on one stands for the value that it was given to.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

const limit = 20 * time.Second

type entry struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	Revision int64  `json:"revision"`
}

type condition struct {
	Key      string `json:"key"`
	Present  *bool  `json:"present"`
	Revision int64  `json:"revision"`
}

type edit struct {
	Put    string `json:"put"`
	Value  string `json:"value"`
	Delete string `json:"delete"`
}

func (e edit) key() string { return e.Put + e.Delete }

type commit struct {
	If   []condition `json:"if"`
	Then []edit      `json:"then"`
}

type call struct {
	Get         string  `json:"get"`
	List        string  `json:"list"`
	Keys        string  `json:"keys"`
	Children    string  `json:"children"`
	Consistency string  `json:"consistency"`
	Commit      *commit `json:"commit"`
}

type result struct {
	Type      string   `json:"type"`
	Revision  int64    `json:"revision"`
	Entry     *entry   `json:"entry"`
	Entries   []entry  `json:"entries"`
	Keys      []string `json:"keys"`
	Condition int      `json:"condition"`
	Actual    int64    `json:"actual"`
}

func (r result) inDoubt() bool { return r.Type == "unknown" || r.Type == "pending" }

type operation struct {
	Client   string   `json:"client"`
	Called   [2]int64 `json:"called"`
	Returned [2]int64 `json:"returned"`
	Call     call     `json:"call"`
	Result   result   `json:"result"`
}

type history struct {
	Operations []operation `json:"operations"`
}

// version is a key as one write has made it.
type version struct {
	key      string
	revision int64
}

// judge knows which values may stand behind a revision. A state is the values of all keys in order, each behind a mark if it is present.
type judge struct {
	slots     map[string]int
	committed map[version]map[string]bool
	seen      map[version]string
	doubtful  map[string]map[string]bool
}

func newJudge(h history) *judge {
	j := &judge{map[string]int{}, map[version]map[string]bool{}, map[version]string{}, map[string]map[string]bool{}}
	for _, op := range h.Operations {
		entries := op.Result.Entries
		if op.Result.Entry != nil {
			entries = append(entries, *op.Result.Entry)
		}
		for _, e := range entries {
			j.slot(e.Key)
			if _, known := j.seen[version{e.Key, e.Revision}]; !known {
				j.seen[version{e.Key, e.Revision}] = e.Value
			}
		}
		for _, key := range op.Result.Keys {
			j.slot(key)
		}
		if op.Call.Get != "" {
			j.slot(op.Call.Get)
		}
		if op.Call.Commit != nil {
			j.learn(op)
		}
	}
	return j
}

func (j *judge) slot(key string) int {
	if _, known := j.slots[key]; !known {
		j.slots[key] = len(j.slots)
	}
	return j.slots[key]
}

func (j *judge) learn(op operation) {
	for _, c := range op.Call.Commit.If {
		j.slot(c.Key)
	}
	for _, e := range op.Call.Commit.Then {
		j.slot(e.key())
		if e.Put == "" {
			continue
		}
		if op.Result.Type == "committed" {
			v := version{e.Put, op.Result.Revision}
			if j.committed[v] == nil {
				j.committed[v] = map[string]bool{}
			}
			j.committed[v][e.Value] = true
		} else if op.Result.inDoubt() {
			if j.doubtful[e.Put] == nil {
				j.doubtful[e.Put] = map[string]bool{}
			}
			j.doubtful[e.Put][e.Value] = true
		}
	}
}

func present(value string) string { return "=" + value }

func (j *judge) isAt(state []string, key string, revision int64) bool {
	held := state[j.slots[key]]
	if held == "" {
		return false
	}
	v := version{key, revision}
	if j.committed[v] != nil {
		return j.committed[v][held[1:]]
	}
	seen, known := j.seen[v]
	return j.doubtful[key][held[1:]] && (!known || seen == held[1:])
}

func (j *judge) holds(state []string, c condition) bool {
	if c.Present != nil {
		return *c.Present == (state[j.slots[c.Key]] != "")
	}
	return j.isAt(state, c.Key, c.Revision)
}

// found tells whether a condition can have failed and found a revision, 0 if nothing.
func (j *judge) found(state []string, c condition, actual int64) bool {
	if c.Present != nil && *c.Present == (actual != 0) || c.Present == nil && c.Revision == actual {
		return false
	}
	if actual == 0 {
		return state[j.slots[c.Key]] == ""
	}
	return j.isAt(state, c.Key, actual)
}

func (j *judge) apply(state []string, edits []edit) string {
	next := append([]string(nil), state...)
	for _, e := range edits {
		next[j.slots[e.key()]] = ""
		if e.Put != "" {
			next[j.slots[e.Put]] = present(e.Value)
		}
	}
	return join(next)
}

func join(state []string) string { return strings.Join(state, "\x00") }

func (j *judge) step(from string, op operation) []interface{} {
	state := strings.Split(from, "\x00")
	same := []interface{}{from}
	if op.Call.Commit != nil {
		return j.commit(from, state, *op.Call.Commit, op.Result)
	}
	shown := make([]string, len(state))
	switch op.Result.Type {
	case "got":
		if op.Result.Entry != nil {
			shown[j.slots[op.Call.Get]] = present(op.Result.Entry.Value)
		}
		if state[j.slots[op.Call.Get]] == shown[j.slots[op.Call.Get]] {
			return same
		}
		return nil
	case "listed":
		for _, e := range op.Result.Entries {
			shown[j.slots[e.Key]] = present(e.Value)
		}
	case "keys":
		for _, key := range op.Result.Keys {
			shown[j.slots[key]] = state[j.slots[key]]
			if shown[j.slots[key]] == "" {
				return nil
			}
		}
	}
	directory := op.Call.List + op.Call.Keys
	for key, slot := range j.slots {
		covered := directory == "/" || strings.HasPrefix(key, directory+"/")
		if covered && shown[slot] != state[slot] {
			return nil
		}
	}
	return same
}

func (j *judge) commit(from string, state []string, c commit, r result) []interface{} {
	for i, each := range c.If {
		if r.Type == "conditionFailed" && r.Condition == i {
			if j.found(state, each, r.Actual) {
				return []interface{}{from}
			}
			return nil
		}
		if !j.holds(state, each) {
			if r.inDoubt() {
				return []interface{}{from}
			}
			return nil
		}
	}
	if r.inDoubt() {
		return []interface{}{from, j.apply(state, c.Then)}
	}
	return []interface{}{j.apply(state, c.Then)}
}

func (j *judge) verdict(h history) porcupine.CheckResult {
	model := porcupine.NondeterministicModel{
		Init: func() []interface{} { return []interface{}{join(make([]string, len(j.slots)))} },
		Step: func(state, input, output interface{}) []interface{} {
			return j.step(state.(string), input.(operation))
		},
	}
	var operations []porcupine.Operation
	for _, op := range h.Operations {
		read := op.Result.Type == "got" || op.Result.Type == "listed" || op.Result.Type == "keys"
		write := op.Result.Type == "committed" || op.Result.Type == "conditionFailed" || op.Result.inDoubt()
		if read && op.Call.Consistency == "SEQUENTIAL" || !read && !write || op.Call.Children != "" {
			continue
		}
		returned := op.Returned[1]
		if op.Result.inDoubt() {
			returned = math.MaxInt64
		}
		operations = append(operations, porcupine.Operation{Input: op, Call: op.Called[1], Return: returned})
	}
	return porcupine.CheckOperationsTimeout(model.ToModel(), operations, limit)
}

func main() {
	decoder := json.NewDecoder(bufio.NewReader(os.Stdin))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		var h history
		if err := decoder.Decode(&h); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "not a history:", err)
			os.Exit(1)
		}
		fmt.Fprintln(out, newJudge(h).verdict(h))
	}
}
