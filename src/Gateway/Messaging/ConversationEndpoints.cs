using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using Contract = ZohoPlatform.Contracts.Messaging.V1;
using ConversationsClient = ZohoPlatform.Contracts.Messaging.V1.Conversations.ConversationsClient;
using MessagesClient = ZohoPlatform.Contracts.Messaging.V1.Messages.MessagesClient;
using SettingsClient = ZohoPlatform.Contracts.Messaging.V1.MessagingSettingsStore.MessagingSettingsStoreClient;

namespace ZohoPlatform.Gateway.Messaging;

internal static class ConversationEndpoints
{
    private static readonly DateTimeOffset ExampleTime = new(2026, 11, 27, 9, 30, 0, TimeSpan.Zero);

    private static readonly Conversation Example = new(
        "0193a2b4-8a11-7c32-8d90-5e6f70819203", 14, 1, 0, 0, ConversationCrmState.Linked, ExampleTime.AddDays(-3), ExampleTime)
    {
        Phone = "+442079460000",
        Name = "Ada Lovelace",
        LastMessageAt = ExampleTime,
        LastText = "Is the engine still for sale?",
        CrmModule = "Leads",
        CrmRecordId = "3652397000000000001",
    };

    private static readonly ConversationLink ExampleLink = new(
        Example.Id,
        "https://crm.zoho.eu/crm/org20064321/tab/Leads/3652397000000000001",
        "http://127.0.0.1:8080/open/CfDJ8A...",
        "Leads",
        "3652397000000000001")
    {
        LeadMessagesUrl = "https://crm.zoho.eu/crm/org20064321/tab/Leads/3652397000000000001",
    };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapConversations()
        {
            var group = routes.MapGroup("/api/v1/conversations").WithTags("Messaging");

            group.MapGet("/", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listConversations",
                    "List conversations, the one with the last message first",
                    "A conversation has all messages of one person. Role needed: viewer.",
                    response: new ConversationPage([Example], "eyJhZnRlciI6IjAxOTNhMmI0In0"));
            group.MapGet("/{id}", Get).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "getConversation",
                    "How one conversation stands",
                    "One that was joined with another answers as that one. Role needed: viewer.",
                    response: Example)
                .Fails(404);
            group.MapGet("/{id}/messages", ListMessages).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listConversationMessages",
                    "List a conversation's messages, newest first",
                    "Role needed: viewer.",
                    response: new MessagePage([MessageEndpoints.Example], null))
                .Fails(404);
            group.MapGet("/{id}/link", GetLink).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "getConversationLink",
                    "Where a conversation opens in Zoho CRM",
                    "open_url is what to put behind a button: it leads there and can do nothing else. 409 with the reason while there is "
                        + "no lead. "
                        + "Role needed: viewer.",
                    response: ExampleLink)
                .Fails(404, 409);
            group.MapGet("/link", GetLinkOfPhone).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "getConversationLinkByPhone",
                    "Where the conversation of a phone opens in Zoho CRM",
                    "404 where nobody has written from it, 409 with the reason while there is no lead. Role needed: viewer.",
                    response: ExampleLink)
                .Fails(404, 409);
            group.MapDelete("/links", RevokeLinks).RequireAuthorization(Policies.Admin)
                .Describe(
                    "revokeConversationLinks",
                    "Take back all links to conversations",
                    "Each open_url that was handed out opens nothing any more: pages ask for new ones. Role needed: admin.");
            group.MapPost("/{id}/read", MarkRead).RequireAuthorization(Policies.Operator)
                .Describe(
                    "markConversationRead",
                    "Say that a conversation was read up to now",
                    "Role needed: operator.",
                    response: Example with { Unread = 0 })
                .Fails(404, 409, 422);
        }
    }

    private static async Task<Results<Ok<ConversationPage>, ProblemResult>> List(
        [Description("Only those whose name has it in any case, or whose phone it is in any spelling or has it, from 4 digits on; 2 to 100 characters.")] string? query,
        [Description("true: only those with unread messages.")] string? unread,
        [FromQuery(Name = "crm_state"), Description("Only those that stand so in Zoho CRM.")] string? crmState,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        ConversationsClient conversations)
    {
        if (!QueryValues.Flag("unread", unread).Succeeded(out var unreadOnly, out var failure)
            || !QueryValues.OneOf<Contract.Conversation.Types.CrmState>("crm_state", crmState).Succeeded(out var state, out failure)
            || !QueryValues.PageSize(pageSize, MessageEndpoints.MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await conversations.ListConversationsAsync(
            new() { Query = query ?? "", UnreadOnly = unreadOnly, CrmState = state, PageSize = size, PageToken = pageToken ?? "" }, call.Options);
        return TypedResults.Ok(new ConversationPage(
            [.. page.Conversations.Select(conversation => conversation.ToApi())], ContractValues.OrNull(page.NextPageToken)));
    }

    private static async Task<Ok<Conversation>> Get(string id, ServiceCall call, ConversationsClient conversations) =>
        TypedResults.Ok((await conversations.GetConversationAsync(new() { Id = id }, call.Options)).ToApi());

    private static Task<Results<Ok<MessagePage>, ProblemResult>> ListMessages(
        string id,
        [FromQuery(Name = "sync_state"), Description("Only those that are so far on their way to Zoho CRM.")] string? syncState,
        [Description("Only those whose text has it, in any case; 2 to 100 characters.")] string? query,
        [FromQuery(Name = "order_by"), Description("sent_at desc, or sent_at asc; the first when absent.")] string? orderBy,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        MessagesClient messages) =>
        MessageEndpoints.ListAsync(
            new() { ConversationId = id, Query = query ?? "", OrderBy = orderBy ?? "", PageToken = pageToken ?? "" },
            syncState,
            pageSize,
            call,
            messages);

    private static async Task<Ok<ConversationLink>> GetLink(
        string id, ServiceCall call, ConversationsClient conversations, IOptions<GatewayOptions> gateway) =>
        TypedResults.Ok((await conversations.GetLinkAsync(new() { Id = id }, call.Options)).ToApi(gateway.Value));

    private static async Task<Results<Ok<ConversationLink>, ProblemResult>> GetLinkOfPhone(
        [Required, Description("In any spelling, a country before it where the settings have no default_region.")] string? phone,
        ServiceCall call,
        ConversationsClient conversations,
        IOptions<GatewayOptions> gateway)
    {
        if (string.IsNullOrWhiteSpace(phone))
        {
            return (ProblemResult)Failure.InvalidField("phone", "phone must be the phone of a person who has written, such as +442079460000.");
        }

        return TypedResults.Ok((await conversations.GetLinkAsync(new() { Phone = phone }, call.Options)).ToApi(gateway.Value));
    }

    private static async Task<NoContent> RevokeLinks(ServiceCall call, SettingsClient settings)
    {
        await settings.RotateLinkKeyAsync(new(), call.Options);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Conversation>> MarkRead(string id, ServiceCall call, ConversationsClient conversations) =>
        TypedResults.Ok((await conversations.MarkReadAsync(new() { Id = id }, call.Options)).ToApi());
}
