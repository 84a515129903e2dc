using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Conversations;

/// <summary>The Conversations contract.</summary>
internal sealed class ConversationsGrpc(ConversationStore store, SearchTurns searches, AuditedReads reads) : Wire.Conversations.ConversationsBase
{
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const int LongestQuery = 100;

    public override async Task<Wire.ListConversationsResponse> ListConversations(Wire.ListConversationsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var page = PageRequest.Of(request.PageSize, request.PageToken, DefaultPage, MaxPage);
        if (!Enum.IsDefined(request.CrmState))
        {
            throw Failure.InvalidField("crm_state", "crm_state must be one of none, pending, linked, failed.").ToRpcException();
        }

        var query = request.Query.Trim();
        if (query.Length is 1 or > LongestQuery || query.Contains('\0', StringComparison.Ordinal))
        {
            throw Failure.InvalidField("query", $"query must have 2 to {LongestQuery} characters: a part of a name, a phone, or at least 4 digits of one.").ToRpcException();
        }

        using var turn = await searches.TakeAsync(caller.Tenant, query.Length > 0, context.CancellationToken);
        var found = (await store.ListAsync(
            caller.Tenant,
            new ConversationFilter(query, request.UnreadOnly, request.CrmState),
            page.AfterMomentOfId,
            page.ToRead,
            context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return new Wire.ListConversationsResponse
        {
            Conversations = { await store.ShowAsync(caller.Tenant, [.. page.Take(found)], context.CancellationToken) },
            NextPageToken = page.Next(found, row => PageRequest.TokenOf(row.LastMessageAt, row.Id)),
        };
    }

    public override async Task<Wire.Conversation> GetConversation(Wire.GetConversationRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var found = (await store.GetAsync(caller.Tenant, request.Id, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return found;
    }

    public override async Task<Wire.Conversation> MarkRead(Wire.MarkReadRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        var read = (await store.MarkReadAsync(caller.Tenant, request.Id, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return read;
    }

    public override async Task<Wire.ConversationLink> GetLink(Wire.GetLinkRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        if ((request.Id.Length > 0) == (request.Phone.Length > 0))
        {
            throw Failure.InvalidField("phone", "phone or the conversation's id must be given, one of them.").ToRpcException();
        }

        var link = (await store.LinkAsync(caller.Tenant, request.Id, request.Phone, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return link;
    }

    public override async Task<Wire.OpenLinkResponse> OpenLink(Wire.OpenLinkRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        return (await store.OpenAsync(request.Token, context.CancellationToken)).Succeeded(out var url, out var failure)
            ? new Wire.OpenLinkResponse { Url = url }
            : failure.Kind is FailureKind.Precondition ? new Wire.OpenLinkResponse { Message = failure.Message }
            : throw failure.ToRpcException();
    }

    private Task NoteReadAsync(Caller caller, CancellationToken cancellationToken) =>
        reads.NoteAsync(caller, AuditActions.ConversationsRead, "conversations", cancellationToken);
}
