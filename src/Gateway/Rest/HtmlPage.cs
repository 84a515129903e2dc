using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.Gateway.Security;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>A page for a person: one card without scripts; every value that came from outside is encoded.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="mood">How it looks.</param>
/// <param name="title">What is so, in some words.</param>
/// <param name="text">What to do, in a sentence or two.</param>
internal sealed class HtmlPage(int status, PageMood mood, string title, string text) : IResult
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --ground: #f5f7f9; --card: #fff; --good: #14734a; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) {
            :root { --ink: #e8ecf1; --soft: #9aa5b4; --line: #333c48; --ground: #12161c; --card: #1b2129; --good: #5fd3a0; --bad: #ff8a80; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px; background: var(--ground); color: var(--ink);
            font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { width: 100%; max-width: 560px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 32px; }
        .mark { width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; font-size: 22px; font-weight: 700; color: var(--card); }
        .good .mark { background: var(--good); }
        .bad .mark { background: var(--bad); }
        .question .mark { background: var(--soft); }
        h1 { margin: 16px 0 4px; font-size: 24px; line-height: 1.25; }
        p { margin: 0 0 16px; color: var(--soft); }
        dl { margin: 24px 0 0; border-top: 1px solid var(--line); }
        dl div { display: grid; grid-template-columns: 150px 1fr; gap: 8px; padding: 10px 0; border-bottom: 1px solid var(--line); }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .missing dd { color: var(--bad); }
        .button { display: inline-block; margin: 24px 0 0; padding: 10px 20px; border-radius: 8px; background: var(--ink); color: var(--card);
            font-weight: 600; text-decoration: none; }
        .button:focus-visible { outline: 3px solid var(--good); outline-offset: 2px; }
        footer { margin-top: 24px; color: var(--soft); font-size: 14px; }
        @media (max-width: 480px) { main { padding: 24px 20px; } dl div { grid-template-columns: 1fr; gap: 0; } }
        """;

    public IReadOnlyList<PageFact> Facts { get; init; } = [];

    /// <summary>Where to go on; null where there is nothing to do here.</summary>
    public (string Text, string Path)? Button { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = SecurityHeaders.PolicyWithStyle(nonce);
        return response.WriteAsync(Render(nonce), httpContext.RequestAborted);
    }

    private string Render(string nonce)
    {
        var facts = new StringBuilder();
        foreach (var (name, value, isMissing) in Facts)
        {
            facts.Append(
                CultureInfo.InvariantCulture,
                $"""<div{(isMissing ? " class=\"missing\"" : "")}><dt>{WebUtility.HtmlEncode(name)}</dt><dd>{WebUtility.HtmlEncode(value)}</dd></div>""");
        }

        var button = Button is var (label, path)
            ? $"""<a class="button" rel="nofollow" href="{WebUtility.HtmlEncode(path)}">{WebUtility.HtmlEncode(label)}</a>"""
            : "";
        var (look, sign) = mood switch
        {
            PageMood.Good => ("good", "&#10003;"),
            PageMood.Bad => ("bad", "!"),
            PageMood.Question => ("question", "?"),
        };

        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <style nonce="{nonce}">
            {Style}
            </style>
            </head>
            <body>
            <main class="{look}">
            <div class="mark" aria-hidden="true">{sign}</div>
            <h1>{WebUtility.HtmlEncode(title)}</h1>
            <p>{WebUtility.HtmlEncode(text)}</p>
            <dl>{facts}</dl>
            {button}
            <footer>The Zoho platform</footer>
            </main>
            </body>
            </html>
            """;
    }
}

/// <summary>How an <see cref="HtmlPage"/> looks.</summary>
internal enum PageMood
{
    Good,
    Bad,
    Question,
}

/// <summary>A line of an <see cref="HtmlPage"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">As a person reads it.</param>
/// <param name="IsMissing">Whether it should be otherwise.</param>
internal sealed record PageFact(string Name, string Value, bool IsMissing = false);

/// <summary>Marks an endpoint that a person opens in a browser: what it refuses is told as a page, not as JSON.</summary>
/// <param name="Title">Of that page.</param>
/// <param name="OnlyIfAsked">Whether programs call it as well, which do not ask for text/html.</param>
internal sealed record ForPeople(string Title, bool OnlyIfAsked = false)
{
    /// <summary>Null where the answer is for a program.</summary>
    public static ForPeople? Of(HttpContext context) =>
        context.AskedEndpoint?.Metadata.GetMetadata<ForPeople>() is { } people && (!people.OnlyIfAsked || IsAsked(context)) ? people : null;

    private static bool IsAsked(HttpContext context) =>
        context.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "text/html");
}
