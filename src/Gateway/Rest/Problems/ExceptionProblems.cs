using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>What a called service, the request's reader or the storage threw, told as a problem. Anything else is a bug: 500 without details.</summary>
internal sealed partial class ExceptionProblems(ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // a reset is seen by who reads the body before the request is called aborted
        if (httpContext.RequestAborted.IsCancellationRequested || exception is ConnectionResetException)
        {
            // nobody reads the answer any more
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = exception switch
        {
            RpcException rpc when rpc.ToFailure() is { } failure => failure,
            BadHttpRequestException bad => OfBadRequest(bad, httpContext),
            _ when StorageOutage.Is(exception) => StorageOutage.Failure,
            // the reader of bodies throws what a bug would
            InvalidOperationException when HasUnknownCharset(httpContext.Request) => BareStatuses.Of(StatusCodes.Status415UnsupportedMediaType),
            _ => null,
        };
        if (problem is null)
        {
            LogBug(exception, httpContext.Request.Method, httpContext.AskedRoute, ProblemResult.TraceOf(httpContext));
            problem = BareStatuses.Of(StatusCodes.Status500InternalServerError);
        }

        try
        {
            await problem.ExecuteAsync(httpContext);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // who cut a body short left before the answer to it
        }

        return true;
    }

    private static bool HasUnknownCharset(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue)
        {
            return false;
        }

        try
        {
            _ = Encoding.GetEncoding(HeaderUtilities.RemoveQuotes(type.Charset).ToString());
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static ProblemResult OfBadRequest(BadHttpRequestException exception, HttpContext context) => exception switch
    {
        { StatusCode: not StatusCodes.Status400BadRequest } => BareStatuses.Of(exception.StatusCode, RequestLimits.MaxBodyOf(context)),
        { InnerException: JsonException json } => JsonProblems.Of(json, context),
        _ => new ProblemResult(StatusCodes.Status400BadRequest, "invalid_request", "The request could not be read: send a JSON object as its body."),
    };

    // the route alone: a path may hold a link that opens something, a query an authorization code
    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed, trace {Trace}")]
    private partial void LogBug(Exception exception, string method, string route, string trace);
}
