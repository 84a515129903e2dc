using Spectre.Console;
using Spectre.Console.Rendering;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary>The bar at the foot of a terminal: state, share, counts, rate, and the end that is expected or what is waited for.</summary>
internal sealed class LiveProgress(Terminal terminal) : ProgressColumn
{
    private volatile string _facts = "";
    private string? _said;

    protected override bool NoWrap => true;

    public static Task<Sync> RunAsync(Terminal terminal, Func<Action<Sync>, Task<Sync>> watch)
    {
        var facts = new LiveProgress(terminal);
        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 24 },
                new PercentageColumn(),
                facts)
            .StartAsync(async context =>
            {
                var task = context.AddTask("queued");
                task.IsIndeterminate = true;
                return await watch(sync => facts.Show(sync, task));
            });
    }

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(_facts) { Overflow = Overflow.Ellipsis };

    private void Show(Sync sync, ProgressTask task)
    {
        task.Description = (sync.ResumesAt is null ? ApiName.Of(sync.State) : "waiting").EscapeMarkup();
        if (sync.Counts.Total > 0)
        {
            task.IsIndeterminate = false;
            task.MaxValue = sync.Counts.Total;
            task.Value = sync.Counts.Processed;
        }

        _facts = Facts.Of(sync);
        // too long for the bar, and said once; how it ends is the summary's to say
        if (sync.Message != _said && sync is { HasEnded: false, State: not SyncState.Paused })
        {
            _said = sync.Message;
            terminal.Line(_said ?? "It goes on.", "yellow");
        }
    }
}
