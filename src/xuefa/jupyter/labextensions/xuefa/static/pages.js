// A prebuilt JupyterLab extension written by hand: notebooks whose metadata says `xuefa.run_on_open` run when opened and
// show as pages. JupyterLab looks for a module-federation container under the name in package.json.
(() => {
  const STYLE = `
    .xuefa-page .jp-CodeCell .jp-Cell-inputWrapper,
    .xuefa-page .jp-CodeCell .jp-Placeholder,
    .xuefa-page .jp-InputPrompt,
    .xuefa-page .jp-OutputPrompt,
    .xuefa-page .jp-OutputArea-promptOverlay,
    .xuefa-page .jp-Collapser,
    .xuefa-page .jp-cell-toolbar,
    .xuefa-page .jp-InternalAnchorLink,
    .xuefa-page .jp-Notebook-footer,
    .xuefa-page .xuefa-marking { display: none !important; }
    .xuefa-page .jp-Notebook .jp-Cell { max-width: 860px; margin: 0 auto; padding: 4px 20px; }
    .xuefa-page .jp-RenderedMarkdown { padding: 0; font-size: 17px; line-height: 1.8; }
    .xuefa-page .jp-RenderedHTML { padding: 0; }
    .xuefa-page .jp-RenderedHTMLCommon > .xuefa-card { margin: 8px 0; }
    .xuefa-page :is(.jp-OutputArea, .jp-OutputArea-child, .jp-OutputArea-output, .jp-Cell-outputWrapper, .jp-Cell) { overflow: clip visible; }
    .xuefa-page .jp-OutputArea-child .jupyter-widgets { margin: 4px; overflow: visible; }
    .xuefa-page .jp-Notebook .jp-Cell,
    .xuefa-page .jp-Notebook .jp-Cell-inputWrapper,
    .xuefa-page .jp-Notebook .jp-MarkdownOutput { border: none !important; outline: none !important; box-shadow: none !important; background: none !important; }
    .xuefa-page .jp-RenderedMarkdown :is(h1, h2) { font-weight: 700; line-height: 1.45; }
    .xuefa-page .jp-RenderedMarkdown h1 { font-size: 26px; }
    .xuefa-page .jp-RenderedMarkdown h2 { font-size: 22px; }
    .xuefa-page .jp-RenderedMarkdown table { font-size: 16px; }
    .xuefa-page .jp-RenderedMarkdown :is(th, td) { text-align: left; }
  `;

  const PATIENCE_MS = 10_000;

  /** The notebooks that are open; one that gets a second view has run, and someone may be at work in it. */
  const opened = new WeakSet();

  async function loadShared(scope, name) {
    const versions = scope[name];
    return (await Object.values(versions)[0].get())();
  }

  function isPage(panel) {
    return Boolean(panel.context.model.getMetadata("xuefa")?.run_on_open);
  }

  /** What running writes into the page is no edit: it asks for no saving, until someone changes a cell. */
  function keepClean(panel) {
    const model = panel.context.model;
    let edited = false;
    const watch = (cell) =>
      cell.sharedModel.changed.connect((_, change) => {
        if (change.sourceChange) edited = true;
      });
    for (const cell of model.cells) watch(cell);
    model.cells.changed.connect((_, change) => {
      edited = true;
      if (change.type === "add") change.newValues.forEach(watch);
    });
    const clean = () => {
      if (!edited && model.dirty) model.dirty = false;
    };
    model.stateChanged.connect(clean);
    clean();
  }

  /** A paper's cells for marking and feedback say nothing to the one who sits it. */
  function hideMarkingCells(panel) {
    for (const cell of panel.content.widgets) {
      if (cell.model.getMetadata("tags")?.includes("xuefa-marking")) cell.addClass("xuefa-marking");
    }
  }

  /**
   * Settled once the widget manager has heard which widgets the kernel has. A cell that makes widgets while it asks, as on
   * a slow PC, has some of them made twice, and what the kernel says then reaches those that are not on the page.
   */
  function hearOfWidgets(sessionContext) {
    return new Promise((resolve) => {
      const hear = (_, { header, parent_header, content }) => {
        const told = header.msg_type === "comm_msg" && content.data.method === "update_states";
        const idle = header.msg_type === "status" && content.execution_state === "idle";
        if (!told && !(idle && parent_header.msg_type === "comm_info_request")) return;
        sessionContext.iopubMessage.disconnect(hear);
        resolve();
      };
      sessionContext.iopubMessage.connect(hear);
    });
  }

  async function open(panel, NotebookActions) {
    const isSecondView = opened.has(panel.context);
    opened.add(panel.context);
    const widgetsAreKnown = isSecondView || hearOfWidgets(panel.sessionContext);
    await panel.context.ready;
    if (!isPage(panel)) return;
    panel.addClass("xuefa-page");
    hideMarkingCells(panel);
    if (isSecondView) return;
    keepClean(panel);
    await panel.sessionContext.ready;
    await Promise.race([widgetsAreKnown, new Promise((giveUp) => setTimeout(giveUp, PATIENCE_MS))]);
    await NotebookActions.runAll(panel.content, panel.sessionContext);
    panel.content.activeCellIndex = 0;
    panel.content.node.querySelector(".jp-WindowedPanel-outer")?.scrollTo(0, 0);
  }

  /** nbgrader's English menu is switched off; where there is an exchange, its list of papers stands under 文件. */
  async function offerExchange(app, mainMenu) {
    const answer = await fetch(`${app.serviceManager.serverSettings.baseUrl}courses`);
    if (!answer.ok || !(await answer.json()).success) return;
    const command = "xuefa:exchange";
    app.commands.addCommand(command, {
      label: "作业列表（Assignment List）",
      execute: () => app.commands.execute("nbgrader:open-assignment-list"),
    });
    mainMenu.fileMenu.addGroup([{ command }], 1000);
  }

  let scope = null;
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.xuefa = {
    init: (given) => {
      scope = given;
    },
    get: async () => {
      const { INotebookTracker, NotebookActions } = await loadShared(scope, "@jupyterlab/notebook");
      const { IMainMenu } = await loadShared(scope, "@jupyterlab/mainmenu");
      const plugin = {
        id: "xuefa:pages",
        description: "Runs the kit's notebooks on opening and shows them as pages without code.",
        autoStart: true,
        requires: [INotebookTracker, IMainMenu],
        activate: (app, tracker, mainMenu) => {
          document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
          void offerExchange(app, mainMenu);
          tracker.widgetAdded.connect((_, panel) => void open(panel, NotebookActions));
        },
      };
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
