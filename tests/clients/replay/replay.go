// Calls the functions of the generated client: a line of JSON [method, params] in, one out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"replay/leither"
)

// The arguments as the function's own types; those left out are zero.
func arguments(function reflect.Type, params []json.RawMessage) ([]reflect.Value, error) {
	in := []reflect.Value{reflect.ValueOf(context.Background())}
	for index := 1; index < function.NumIn(); index++ {
		value := reflect.New(function.In(index))
		if index-1 < len(params) {
			if err := json.Unmarshal(params[index-1], value.Interface()); err != nil {
				return nil, err
			}
		}
		in = append(in, value.Elem())
	}
	return in, nil
}

func say(client *leither.Client, name string, params []json.RawMessage) (any, error) {
	function := reflect.ValueOf(client).MethodByName(name)
	if !function.IsValid() {
		return nil, fmt.Errorf("no function %s", name)
	}
	in, err := arguments(function.Type(), params)
	if err != nil {
		return nil, err
	}
	out := function.Call(in)
	err, _ = out[1].Interface().(error)
	refused := &leither.RPCError{}
	if errors.As(err, &refused) {
		return map[string]any{"error": map[string]any{"code": refused.Code, "message": refused.Message}}, nil
	}
	return map[string]any{"result": out[0].Interface()}, err
}

func main() {
	client := &leither.Client{URL: os.Args[1]}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var name string
		var params []json.RawMessage
		if err = json.Unmarshal(line, &[]any{&name, &params}); err == nil {
			var said any
			if said, err = say(client, name, params); err == nil {
				err = json.NewEncoder(os.Stdout).Encode(said)
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			os.Exit(1)
		}
	}
}
