// The same cards and connections on React Flow: a custom node with one handle per answer, as its guide shows it.

import { createElement as h, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { Handle, Position, ReactFlow, useNodesInitialized } from "@xyflow/react";

const graph = JSON.parse(document.getElementById("graph").textContent);

function Step({ data }) {
  return h("article", { className: `step step-${data.kind}` }, [
    h(Handle, { key: "in", type: "target", position: Position.Left }),
    h("header", { key: "head", className: "step-head" }, data.label),
    h("div", { key: "text", className: "step-text" }, data.text),
    h("div", { key: "ports", className: "step-ports" }, data.ports.map((port) =>
      h("div", { key: port.id, className: "port-row" }, port.label, h(Handle, { id: port.id, type: "source", position: Position.Right })))),
  ]);
}

const types = { step: Step };

function Painted() {
  const ready = useNodesInitialized();
  useEffect(() => {
    if (!ready) return;
    const look = () => {
      if (document.querySelectorAll(".react-flow__edge").length < graph.edges.length) requestAnimationFrame(look);
      else requestAnimationFrame(() => setTimeout(() => performance.mark("canvas-painted")));
    };
    look();
  }, [ready]);
  return null;
}

createRoot(document.getElementById("root")).render(
  h(ReactFlow, { defaultNodes: graph.nodes, defaultEdges: graph.edges, nodeTypes: types, defaultViewport: { x: 100, y: 300, zoom: 0.8 }, minZoom: 0.1 }, h(Painted)),
);
